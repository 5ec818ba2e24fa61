"""A folder of photographs, good and bad, becomes a data set; stopped work goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from checkout import PORTRAITS, ROOT
from seollem.scoring.emotions import FACE_EMOTIONS, NEW_EMOTIONS
from seollem.training.annotation import annotate as command
from seollem.training.annotation.dataset import Annotations
from seollem.training.annotation.photographs import Photograph, find_photographs
from seollem.training.annotation.worker import (
    CANNOT_OPEN,
    DETECTOR,
    NO_FACE,
    SMALL,
    TOO_LARGE,
    UNREADABLE,
    Annotated,
    AnnotationConfig,
    annotate,
)
from seollem.vision.analyzer import SelfieAnalyzer
from seollem.vision.classifier import WEIGHTS
from training_command import main

pytestmark = pytest.mark.slow

TWO = "둘이/함께.png"
STRANGE = "caf\\xe9.jpg"  # how a name that is no UTF-8 stands in the data set


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    for portrait in PORTRAITS.glob("*.jpg"):
        shutil.copy(portrait, folder)
    with Image.open(PORTRAITS / "astronaut.jpg") as astronaut:
        with Image.open(PORTRAITS / "grace_hopper.jpg") as grace:
            both = np.hstack([np.asarray(astronaut), np.asarray(grace)[:512]])
        astronaut.resize((200, 200)).save(folder / "small.png")
    (folder / "둘이").mkdir()
    Image.fromarray(both).save(folder / TWO)
    data = (PORTRAITS / "astronaut.jpg").read_bytes()
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.jpg")).write_bytes(data)
    (folder / "cut.jpg").write_bytes(data[:20_000])
    (folder / "notes.jpg").write_text("Good morning!")
    (folder / "empty.webp").touch()
    (folder / "=1+1.jpg").touch()
    Image.new("1", (10_000, 10_000)).save(folder / "huge.png")
    Image.new("RGB", (300, 200), "seagreen").save(folder / "nobody.png")
    (folder / "notes.txt").write_text("not looked at")
    (folder / ".hidden.jpg").write_bytes(data)
    (folder / "broken-link.jpg").symlink_to(folder / "nowhere.jpg")
    return folder


@pytest.fixture(scope="module")
def annotated(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of it by two processes, crops included."""
    out = tmp_path_factory.mktemp("granular")
    arguments = [str(photographs), "--out", str(out), "--workers", "2", "--crops"]
    assert main(["annotate", *arguments]) == 0
    return out


def test_every_face_is_a_row(annotated: Path) -> None:
    table = parquet.read_table(annotated / "data" / "part-00000.parquet")
    rows = table.to_pylist()
    faces = {(row["image"], row["face"]): row for row in rows}
    assert len(rows) == 6
    assert set(faces) == {
        ("astronaut.jpg", 0),
        ("grace_hopper.jpg", 0),
        ("small.png", 0),
        (STRANGE, 0),
        (TWO, 0),
        (TWO, 1),
    }
    smile = faces["astronaut.jpg", 0]
    assert smile["box"]["x"] == pytest.approx(175, abs=8)
    assert tuple(smile["probabilities"]) == NEW_EMOTIONS
    assert sum(smile["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert tuple(smile["expression"]) == FACE_EMOTIONS
    assert max(smile["expression"], key=smile["expression"].get) == "happiness"
    assert smile["label"] == max(smile["probabilities"], key=smile["probabilities"].get)
    assert smile["confidence"] == smile["probabilities"][smile["label"]]
    assert smile["crop"]["bytes"].startswith(b"\x89PNG")
    assert not smile["reviewed"]
    assert faces[STRANGE, 0]["sha256"] == smile["sha256"]


def test_a_face_with_too_few_pixels_has_no_label(annotated: Path) -> None:
    (row,) = (row for row in Annotations(annotated).rows() if row["image"] == "small.png")
    assert row["abstained"] == SMALL
    assert row["label"] is None


def test_what_cannot_be_used_is_counted_and_listed(annotated: Path) -> None:
    places = Annotations(annotated).skipped.places
    assert {reason: set(names) for reason, names in places.items()} == {
        UNREADABLE: {"cut.jpg", "notes.jpg", "empty.webp", "=1+1.jpg"},
        TOO_LARGE: {"huge.png"},
        NO_FACE: {"nobody.png"},
        CANNOT_OPEN: {"broken-link.jpg"},
    }
    listed = (annotated / "skipped.csv").read_text("utf-8")
    assert listed.startswith("\ufeff")  # so that spreadsheets see Hangul
    assert f"{TOO_LARGE},huge.png" in listed
    assert ",'=1+1.jpg" in listed  # no formula
    card = (annotated / "README.md").read_text("utf-8")
    assert f"- photographs left out, {UNREADABLE}: 4\n" in card
    assert "- faces: 6\n" in card
    assert "- files that are no pictures by their names: 1\n" in card
    assert "seollem-face-6" in card


def test_the_same_command_again_looks_at_nothing_twice(
    annotated: Path, photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Annotations(annotated).rows(["image", "face"])
    assert main(["annotate", str(photographs), "--out", str(annotated), "--crops"]) == 0
    # All but the link to nowhere, which is tried again and not written down twice.
    assert "11 of 12 photographs are done already" in capsys.readouterr().out
    assert Annotations(annotated).rows(["image", "face"]) == before
    assert len(Annotations(annotated).parts) == 1


def test_other_settings_do_not_go_into_the_same_data_set(
    annotated: Path, photographs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for other in (["--labels", "kote44", "--crops"], ["--labels", "설렘,당황", "--crops"], []):
        assert main(["annotate", str(photographs), "--out", str(annotated), *other]) == 1
        assert "Use another --out" in capsys.readouterr().err


def test_a_damaged_file_is_named(
    annotated: Path, photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(annotated, tmp_path / "copy")
    part = tmp_path / "copy" / "data" / "part-00000.parquet"
    part.write_bytes(part.read_bytes()[:500])
    out = str(tmp_path / "copy")
    assert main(["annotate", str(photographs), "--out", out, "--crops"]) == 1
    assert "part-00000.parquet is damaged" in capsys.readouterr().err


def test_a_folder_whose_name_is_no_utf_8_is_written_down_readably(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As old archives leave Korean names."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "사진".encode("cp949")))
    folder.mkdir()
    shutil.copy(PORTRAITS / "astronaut.jpg", folder)
    found = [Annotated(skipped=[(NO_FACE, "astronaut.jpg")], photographs=1)]
    monkeypatch.setattr(command, "results", lambda *_, **__: iter(found))
    out = tmp_path / "out"
    assert main(["annotate", str(folder), "--out", str(out)]) == 0
    assert Annotations(out).record["images"].endswith(r"/\xbb\xe7\xc1\xf8")


def test_ctrl_c_keeps_what_was_done(
    photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> Iterator[Annotated]:
        yield Annotated(skipped=[(NO_FACE, "astronaut.jpg")], photographs=1)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "results", stopped)
    assert main(["annotate", str(photographs), "--out", str(tmp_path)]) == 130
    assert Annotations(tmp_path).done() == {"astronaut.jpg"}
    assert (tmp_path / "README.md").exists()


def test_work_that_is_killed_goes_on_with_no_photograph_twice(tmp_path: Path) -> None:
    folder, out = tmp_path / "photographs", tmp_path / "granular"
    folder.mkdir()
    for portrait in PORTRAITS.glob("*.jpg"):
        shutil.copy(portrait, folder / f"a-{portrait.name}")
        shutil.copy(portrait, folder / f"z-{portrait.name}")
    for number in range(5000):
        (folder / f"m-{number}.jpg").touch()
    arguments = ["annotate", str(folder), "--out", str(out), "--workers", "1"]
    process = subprocess.Popen([sys.executable, "-m", "training", *arguments], cwd=ROOT)
    deadline = time.monotonic() + 300
    while not (out / "data" / "part-00000.parquet").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    half = Annotations(out)
    assert 0 < len(half.done()) < 5004

    assert main(arguments) == 0
    rows = half.rows(["image"])
    assert sorted(row["image"] for row in rows) == sorted(
        f"{place}-{portrait.name}" for place in "az" for portrait in PORTRAITS.glob("*.jpg")
    )
    empty = half.skipped.places[UNREADABLE]
    assert len(empty) == len(set(empty)) == 5000


@pytest.mark.parametrize(
    ("folder", "message"), [("missing", "no folder"), ("empty", "no photographs")]
)
def test_a_folder_without_photographs_is_refused(
    folder: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    paths = [str(tmp_path / folder), "--out", str(tmp_path / "out")]
    assert main(["annotate", *paths]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--labels", "설렘,,당황"], "blank"),
        (["--labels", "설렘,설렘"], "twice"),
        (["--workers", "0"], "at least 1"),
        (["--model", str(PORTRAITS)], "no emotion model"),
    ],
)
def test_what_cannot_be_asked_for_is_told(
    arguments: list[str],
    message: str,
    photographs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = [str(photographs), "--out", str(tmp_path / "out")]
    assert main(["annotate", *paths, *arguments]) == 1
    assert message in capsys.readouterr().err


def test_a_photograph_that_cannot_be_opened_is_skipped(tmp_path: Path) -> None:
    gone = Photograph("gone.jpg", tmp_path / "gone.jpg")
    done = annotate(AnnotationConfig(None, FACE_EMOTIONS), [gone])
    assert done.skipped == [(CANNOT_OPEN, "gone.jpg")]
    assert done.photographs == 1


def test_the_data_set_within_the_photographs_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in ("face.jpg", "out/sheet.png"):
        (tmp_path / name).touch()
    found, others = find_photographs(tmp_path, tmp_path / "out")
    assert [photograph.name for photograph in found] == ["face.jpg"]
    assert others == 0


def test_what_only_looks_like_a_file_is_not_opened(tmp_path: Path) -> None:
    """Whoever opens a pipe waits for somebody to write into it."""
    (tmp_path / "face.jpg").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    found, others = find_photographs(tmp_path, tmp_path / "out")
    assert [photograph.name for photograph in found] == ["face.jpg"]
    assert others == 1


def test_a_folder_that_may_not_be_listed_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "face.jpg").touch()
    scandir = os.scandir

    def guarded(path: str) -> object:
        if Path(path).name == "private":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    found, _ = find_photographs(tmp_path, tmp_path / "out")
    assert {photograph.name for photograph in found} == {"face.jpg", "private"}
    (private,) = (photograph for photograph in found if photograph.name == "private")
    assert annotate(AnnotationConfig(None, FACE_EMOTIONS), [private]).skipped == [
        (CANNOT_OPEN, "private")
    ]


@pytest.mark.parametrize(
    ("error", "reason"), [(RuntimeError("graph"), DETECTOR), (MemoryError(), TOO_LARGE)]
)
def test_a_photograph_that_breaks_its_reader_is_skipped(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(SelfieAnalyzer, "find", broken)
    photograph = Photograph("astronaut.jpg", PORTRAITS / "astronaut.jpg")
    done = annotate(AnnotationConfig(None, FACE_EMOTIONS), [photograph])
    assert done.skipped == [(reason, "astronaut.jpg")]
    assert not done.rows


def test_ctrl_c_just_after_a_file_was_written_doubles_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Annotations.append

    def interrupted(self: Annotations, annotated: Annotated) -> None:
        append(self, annotated)
        raise KeyboardInterrupt

    arguments = ["annotate", str(PORTRAITS), "--out", str(tmp_path)]
    monkeypatch.setattr(command, "over_processes", lambda work, chunks, **_: map(work, chunks))
    monkeypatch.setattr(command, "CHUNK", 1)
    monkeypatch.setattr(command, "PART", 1)
    with monkeypatch.context() as patch:
        patch.setattr(Annotations, "append", interrupted)
        assert main(arguments) == 130
    assert len(Annotations(tmp_path).rows()) == 1
    assert main(arguments) == 0
    images = [row["image"] for row in Annotations(tmp_path).rows()]
    assert sorted(images) == ["astronaut.jpg", "grace_hopper.jpg"]


def test_a_photograph_that_did_not_open_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share on the network may have been away for a minute."""
    monkeypatch.setattr(command, "over_processes", lambda work, chunks, **_: map(work, chunks))
    folder, out = tmp_path / "photographs", tmp_path / "out"
    folder.mkdir()
    (folder / "astronaut.jpg").symlink_to(tmp_path / "share.jpg")
    arguments = ["annotate", str(folder), "--out", str(out)]
    assert main(arguments) == 0
    assert Annotations(out).skipped.places == {CANNOT_OPEN: ["astronaut.jpg"]}
    shutil.copy(PORTRAITS / "astronaut.jpg", tmp_path / "share.jpg")
    assert main(arguments) == 0
    assert not Annotations(out).skipped
    assert [row["image"] for row in Annotations(out).rows()] == ["astronaut.jpg"]


def test_labels_typed_on_a_mac_are_the_same_labels() -> None:
    typed = unicodedata.normalize("NFD", "당황,비장함")
    task, record = command.plan(PORTRAITS, typed)
    assert task.labels == ("당황", "비장함")
    assert record["labels"] == ["당황", "비장함"]


def test_weights_that_were_trained_anew_do_not_go_into_the_same_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "over_processes", lambda work, chunks, **_: map(work, chunks))
    model = tmp_path / "model"
    shutil.copytree(WEIGHTS, model, ignore=shutil.ignore_patterns("text", "checksums.json"))
    arguments = [str(PORTRAITS), "--out", str(tmp_path / "out"), "--model", str(model)]
    assert main(["annotate", *arguments]) == 0
    weights = load_file(model / "model.safetensors")
    name = next(iter(weights))
    save_file(weights | {name: weights[name] * 1.01}, model / "model.safetensors", {"format": "pt"})
    assert main(["annotate", *arguments]) == 1
    assert "begun with another weights" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_is_no_folder_gives_a_message(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["annotate", str(PORTRAITS), "--out", str(tmp_path / place)]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_another_parquet_file_is_no_part_of_the_data_set(
    annotated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shutil.copytree(annotated, tmp_path / "copy")
    table = parquet.read_table(out / "data" / "part-00000.parquet")
    parquet.write_table(table.drop_columns(["score"]), out / "data" / "part-00001.parquet")
    assert main(["review", str(out), "--out", str(tmp_path / "review")]) == 1
    assert "part-00001.parquet is damaged (it has other columns" in capsys.readouterr().err
    parquet.write_table(
        table.replace_schema_metadata({}), out / "data" / "part-00001.parquet", store_schema=False
    )
    assert main(["review", str(out), "--out", str(tmp_path / "review")]) == 1
    assert "part-00001.parquet is damaged" in capsys.readouterr().err


def test_hugging_face_is_told_types_that_it_knows(annotated: Path) -> None:
    """Of ``datasets.Value``: https://huggingface.co/docs/datasets/about_dataset_features."""
    found = parquet.read_schema(annotated / "data" / "part-00000.parquet").metadata[b"huggingface"]
    features = json.loads(found)["info"]["features"]
    assert features["image"] == {"dtype": "string", "_type": "Value"}
    assert features["score"] == {"dtype": "float32", "_type": "Value"}
    assert features["reviewed"] == {"dtype": "bool", "_type": "Value"}
    assert features["box"]["width"] == {"dtype": "float32", "_type": "Value"}
    assert features["crop"] == {"_type": "Image"}


def test_a_checkpoint_s_calibration_makes_the_probabilities_and_the_threshold(
    photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scale of 0 leaves the offsets alone: every face gets the label with the greatest."""
    monkeypatch.setattr(command, "over_processes", lambda work, chunks, **_: map(work, chunks))
    model = tmp_path / "model"
    shutil.copytree(WEIGHTS, model, ignore=shutil.ignore_patterns("text", "checksums.json"))
    offsets = [0.0] * 36
    offsets[NEW_EMOTIONS.index("비장함")] = 1.0
    shares = {"kept": 0.9, "right": 0.7, "test_kept": 0.8, "test_right": 0.6}
    chosen = {"scale": 0.0, "offsets": offsets, "abstain_below": 0.5, **shares}
    (model / "calibration.json").write_text(json.dumps({"kote36": chosen}))
    few = tmp_path / "few"
    few.mkdir()
    shutil.copy(photographs / "astronaut.jpg", few)
    out = tmp_path / "out"
    arguments = [str(few), "--out", str(out), "--model", str(model)]
    assert main(["annotate", *arguments]) == 0
    (row,) = Annotations(out).rows()
    assert max(row["probabilities"], key=row["probabilities"].get) == "비장함"
    assert row["confidence"] == pytest.approx(np.e / (np.e + 35))
    assert row["abstained"] == "unsure"
    assert "80% of FER-2013's test faces" in (out / "README.md").read_text("utf-8")
