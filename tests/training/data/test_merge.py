"""Two sources → one manifest → faces that training takes."""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from miniatures import (
    AffectNetFace,
    CsvRow,
    affectnet_faces,
    fer2013_folders,
    fer2013_rows,
    picture,
    striped_face,
    write_affectnet,
    write_fer2013,
    write_folders,
)
from seollem.scoring.emotions import AFFECTNET, FER2013
from seollem.training.data.faces import CLASSES, FaceSet, Split
from seollem.training.data.manifest import Manifest
from seollem.training.errors import DataError
from seollem.training.files import disk
from training_command import main


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both sources, with a test face of FER-2013 that AffectNet trains on, in other tones."""
    folder = tmp_path_factory.mktemp("merged")
    rows = fer2013_rows()
    leaked = next(n for n, row in enumerate(rows) if row.usage == "PrivateTest")
    stolen = (rows[leaked].face * 0.8 + 30).astype(np.uint8)
    rows.append(CsvRow("fear", "PrivateTest", rows[0].face))
    write_fer2013(folder / "fer2013", rows)
    faces = [*affectnet_faces(12, 2), AffectNetFace("train_set", 6, stolen)]
    write_affectnet(folder / "affectnet", faces)
    broken = folder / "affectnet" / "train_set" / "images" / "0003.jpg"
    broken.write_bytes(broken.read_bytes()[:200])
    sources = [f"--{name}={folder / name}" for name in ("fer2013", "affectnet")]
    assert main(["merge", *sources, "--out", str(folder / "faces.parquet")]) == 0
    return folder


def test_the_manifest_says_of_every_face_where_it_is_and_who_said_what(merged: Path) -> None:
    table = pyarrow.parquet.read_table(merged / "faces.parquet")
    assert table.column_names == [
        "source",
        "split",
        "label",
        "votes",
        "valence",
        "arousal",
        "path",
        "row",
        "crop",
        "perceptual_hash",
        "duplicate_of",
        "leaked",
    ]
    fer2013, affectnet = (
        [row for row in table.to_pylist() if row["source"] == source]
        for source in ("fer2013", "affectnet")
    )
    assert (len(fer2013), len(affectnet)) == (57, 112)
    assert fer2013[3]["path"] == "fer2013/fer2013.csv"
    assert (fer2013[3]["row"], fer2013[3]["label"], sum(fer2013[3]["votes"])) == (3, FER2013[3], 10)
    assert affectnet[0]["path"] == "affectnet/train_set/images/0000.jpg"
    assert affectnet[0]["row"] is affectnet[0]["votes"] is None
    assert (affectnet[0]["valence"], affectnet[0]["arousal"]) == (0.25, -0.5)
    assert {row["split"] for row in affectnet} == {"training", "public", "private"}


def test_near_duplicates_across_sources_and_splits_are_marked_and_kept(merged: Path) -> None:
    manifest = Manifest.read(merged / "faces.parquet")
    leaked = [
        row for row, mark in zip(manifest.rows, manifest.duplicates.leaked, strict=True) if mark
    ]
    assert len(leaked) == 2
    assert {row.split for row in leaked} == {Split.PRIVATE}
    first = manifest.duplicates.first
    again = np.flatnonzero(first != np.arange(len(manifest)))
    pairs = {(manifest.rows[row].source, manifest.rows[first[row]].source) for row in again}
    assert pairs == {("fer2013", "fer2013"), ("affectnet", "fer2013")}


def test_what_was_skipped_is_listed_and_the_balance_is_drawn(merged: Path) -> None:
    listed = (merged / "faces.skipped.csv").read_text().splitlines()[1:]
    assert Counter(line.split(",")[0] for line in listed) == {
        "labelled as no expression": 1,
        "labelled as uncertain": 2,
        "labelled as no face": 1,
        "an unreadable picture (UnreadableImage)": 1,
    }
    assert (merged / "faces.png").read_bytes().startswith(b"\x89PNG")


def test_prepare_makes_a_manifest_trainable(
    merged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "faces.npz"
    command = ["prepare", "--source", str(merged / "faces.parquet"), "--out", str(out)]
    assert main([*command, "--size", "40"]) == 0
    assert "| affectnet | contempt | " in capsys.readouterr().out
    faces = FaceSet.load(out)
    assert faces.images.shape == (169, 40, 40)
    assert faces.annotators == ("ferplus", "fer2013", "affectnet")
    assert faces.leaked.sum() == 2
    from_fer2013 = faces.labels >= 0
    assert np.array_equal(from_fer2013, faces.affectnet < 0)
    assert np.array_equal(from_fer2013, faces.votes.any(axis=1))
    assert np.array_equal(faces.plurality >= 0, from_fer2013)
    names = [CLASSES[number] for number in faces.classes]
    truth = [
        FER2013[a] if a >= 0 else AFFECTNET[b]
        for a, b in zip(faces.labels, faces.affectnet, strict=True)
    ]
    assert names == truth


def test_a_size_that_no_face_has_is_refused(
    merged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = ["--source", str(merged / "faces.parquet"), "--size", "0"]
    assert main(["prepare", *source, "--out", str(tmp_path / "faces.npz")]) == 1
    assert "show nothing" in capsys.readouterr().err


def test_prepared_faces_are_the_sources_own_pixels(merged: Path, tmp_path: Path) -> None:
    out = tmp_path / "faces.npz"
    assert main(["prepare", "--source", str(merged / "faces.parquet"), "--out", str(out)]) == 0
    faces = FaceSet.load(out)
    rows = fer2013_rows()
    for image, row in zip(faces.images, rows, strict=False):
        assert np.array_equal(image, row.face)


def test_a_manifest_moves_together_with_its_pictures(merged: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    moved.symlink_to(merged, target_is_directory=True)
    manifest = Manifest.read(moved / "faces.parquet")
    assert all(row.path.is_relative_to(moved) for row in manifest.rows)
    assert manifest.rows[0].path.is_file()


def test_pictures_that_are_gone_are_counted(merged: Path, tmp_path: Path) -> None:
    manifest = Manifest.read(merged / "faces.parquet")
    gone = next(row for row in manifest.rows if row.source == "affectnet")
    content = gone.path.read_bytes()
    gone.path.unlink()
    try:
        out = tmp_path / "faces.npz"
        assert main(["prepare", "--source", str(merged / "faces.parquet"), "--out", str(out)]) == 0
        assert len(FaceSet.load(out)) == len(manifest) - 1
    finally:
        gone.path.write_bytes(content)


def test_kaggles_folders_give_fer2013s_splits_and_labels(tmp_path: Path) -> None:
    rows = fer2013_rows()
    write_folders(tmp_path / "fer2013", fer2013_folders(rows))
    out = tmp_path / "faces.parquet"
    assert main(["merge", "--fer2013", str(tmp_path / "fer2013"), "--out", str(out)]) == 0
    manifest = Manifest.read(out)
    expected = Counter((row.emotion, row.usage) for row in rows)
    usages = {Split.TRAINING: "Training", Split.PUBLIC: "PublicTest", Split.PRIVATE: "PrivateTest"}
    assert Counter((row.label, usages[row.split]) for row in manifest.rows) == expected


def test_the_table_and_the_folders_of_one_set_are_known_to_be_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = fer2013_rows()
    write_folders(tmp_path / "folders", fer2013_folders(rows))
    write_fer2013(tmp_path / "table", rows, votes=False)
    out = tmp_path / "faces.parquet"
    folders = [str(tmp_path / "table"), str(tmp_path / "folders")]
    assert main(["merge", "--fer2013", *folders, "--out", str(out)]) == 0
    assert f"{len(rows)} near-duplicates, 0 of them across sources" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name a folder"),
        (["--affectnet", "nowhere"], "is no folder"),
        (["--fer2013", "."], "folders named for emotions"),
    ],
)
def test_a_wrong_folder_gives_a_message(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["merge", *arguments, "--out", "faces.parquet"]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "faces.parquet").exists()


def test_an_emotion_without_faces_gives_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("anger", "fear"):
        (tmp_path / "train" / name).mkdir(parents=True)
        (tmp_path / "train" / name / "1.png").write_bytes(picture(striped_face(name, 1)))
    out = str(tmp_path / "faces.parquet")
    assert main(["merge", "--fer2013", str(tmp_path), "--out", out]) == 1
    assert "FER-2013 has no face of disgust, happiness" in capsys.readouterr().err


def test_a_full_disk_gives_a_message(
    merged: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(disk, "RESERVE", 10**18)
    source = ["--source", str(merged / "faces.parquet")]
    assert main(["prepare", *source, "--out", str(tmp_path / "new" / "faces.npz")]) == 1
    assert "on another disk" in capsys.readouterr().err


def test_without_pyarrow_the_message_names_the_extra(
    merged: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    source = ["--source", str(merged / "faces.parquet")]
    assert main(["prepare", *source, "--out", str(tmp_path / "faces.npz")]) == 1
    assert "seollem[train]" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"PAR1 not parquet"])
def test_a_damaged_manifest_says_how_to_make_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "faces.parquet").write_bytes(content)
    with pytest.raises(DataError, match="train merge"):
        Manifest.read(tmp_path / "faces.parquet")


def test_another_parquet_file_is_no_manifest(tmp_path: Path) -> None:
    path = tmp_path / "faces.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"source": ["fer2013"]}), path)
    with pytest.raises(DataError, match="no manifest"):
        Manifest.read(path)
