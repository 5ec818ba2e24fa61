"""Contact sheets of a data set, and a person's corrections on their way back."""

import csv
import hashlib
import io
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest
from PIL import Image, ImageFont

from checkout import PORTRAITS
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE, display_name
from seollem.training.annotation.dataset import SKIPPED, Annotations
from seollem.training.annotation.worker import NO_FACE, UNSURE, Annotated
from seollem.vision.style import FONT
from training_command import main

LABELS = ("흐뭇함(귀여움/예쁨)", "비장함", "부담/안_내킴")
BOXES = {"astronaut.jpg": (175, 74, 100, 100), "grace_hopper.jpg": (170, 120, 198, 198)}
RECORD = {
    "images": str(PORTRAITS),
    "vocabulary": "labels of its own",
    "labels": list(LABELS),
    "model": "seollem-face-1",
    "checkpoint": None,
    "weights": "0" * 64,
    "crop_size": 48,
    "conclusive_at": 0.4,
    "calibration": None,
    "crops": False,
}


def row(image: str, shares: tuple[float, float, float], **other: Any) -> dict[str, Any]:
    """A face as annotate writes it."""
    confidence = max(shares)
    path = PORTRAITS / image
    return {
        "image": image,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "0" * 64,
        "face": 0,
        "box": dict(
            zip(("x", "y", "width", "height"), BOXES.get(image, (0, 0, 50, 50)), strict=True)
        ),
        "score": 0.9,
        "label": LABELS[shares.index(confidence)],
        "confidence": confidence,
        "abstained": None,
        "probabilities": dict(zip(LABELS, shares, strict=True)),
        "expression": dict.fromkeys(FACE_EMOTIONS, 1 / 8),
        "reviewed": False,
        "corrected": None,
    } | other


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two files of faces; the photographs of some are gone."""
    folder = tmp_path / "granular"
    annotations = Annotations(folder)
    annotations.begin(RECORD)
    first = [row("astronaut.jpg", (0.7, 0.2, 0.1)), row("grace_hopper.jpg", (0.1, 0.6, 0.3))]
    annotations.append(Annotated(first, [(NO_FACE, "nobody.png")], 3))
    gone = row("=gone(1).jpg", (0.4, 0.35, 0.25), label=None, abstained=UNSURE)
    annotations.append(Annotated([gone, gone | {"face": 1}], [], 1))
    return folder


def fill_in(path: Path, corrections: dict[str, str]) -> None:
    """Write into the column, face by face, as a person does."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        line["correction"] = corrections.get(f"{line['image']} {line['face']}", "")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, lines[0].keys())
        writer.writeheader()
        writer.writerows(lines)


@pytest.fixture
def sheets(data: Path, tmp_path: Path) -> Path:
    assert main(["review", str(data), "--out", str(tmp_path / "review")]) == 0
    return tmp_path / "review"


def test_there_is_a_sheet_for_each_label_with_the_faces_on_it(sheets: Path) -> None:
    names = sorted(path.name for path in sheets.glob("*.png"))
    assert names == ["01-흐뭇함-귀여움-예쁨.png", "02-비장함.png", "03-부담-안_내킴.png"]
    with Image.open(sheets / names[0]) as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    first_face = pixels[120:160, 40:100]  # the astronaut, no paper and no grey placeholder
    assert np.ptp(first_face.astype(int), axis=(0, 1)).min() > 30


def test_the_csv_holds_each_face_once_and_no_formula(sheets: Path) -> None:
    text = (sheets / "labels.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")  # so that spreadsheets see Hangul
    lines = list(csv.DictReader(text.decode("utf-8-sig").splitlines()))
    assert [line["number"] for line in lines] == ["1", "2", "3", "4"]
    assert {line["image"] for line in lines} == {
        "./astronaut.jpg",
        "./grace_hopper.jpg",
        "./=gone(1).jpg",
    }
    by_image = {line["image"]: line for line in lines}
    assert by_image["./astronaut.jpg"]["label"] == LABELS[0]
    assert by_image["./=gone(1).jpg"]["abstained"] == UNSURE


def test_corrections_come_back_into_the_data_set(data: Path, sheets: Path) -> None:
    path = sheets / "labels.csv"
    said = {
        "./astronaut.jpg 0": LABELS[0],
        "./grace_hopper.jpg 0": unicodedata.normalize("NFD", " 비장함 "),  # as macOS may store it
        "./=gone(1).jpg 1": "-",
    }
    fill_in(path, said)
    assert main(["review", str(data), "--merge", str(path)]) == 0
    rows = {(row["image"], row["face"]): row for row in Annotations(data).rows()}
    assert rows["astronaut.jpg", 0]["corrected"] == LABELS[0]
    assert rows["grace_hopper.jpg", 0]["corrected"] == "비장함"
    assert rows["=gone(1).jpg", 1]["corrected"] is None
    assert [row["reviewed"] for row in rows.values()] == [True, True, False, True]
    first = parquet.read_table(data / "data" / "part-00000.parquet")
    assert b"nobody.png" in first.schema.metadata[SKIPPED]
    card = (data / "README.md").read_text("utf-8")
    assert "- faces that people reviewed: 3\n- labels that they confirmed: 2\n" in card


@pytest.mark.parametrize(
    ("corrections", "message"),
    [
        ({"./astronaut.jpg 0": "설렘"}, "line 2: '설렘' is none of the labels"),
        ({"./astronaut.jpg 0": LABELS[0], "./nobody.png 0": "-"}, "no face 0 of nobody.png"),
    ],
)
def test_wrong_lines_change_nothing(
    corrections: dict[str, str],
    message: str,
    data: Path,
    sheets: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = sheets / "labels.csv"
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write("9,./nobody.png,0,비장함,0.5,,\r\n")
    fill_in(path, corrections)
    before = Annotations(data).rows()
    assert main(["review", str(data), "--merge", str(path)]) == 1
    assert message in capsys.readouterr().err
    assert Annotations(data).rows() == before


def test_a_face_is_corrected_once(
    data: Path, sheets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheets / "labels.csv"
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write("1,./astronaut.jpg,0,비장함,0.5,,\r\n")
    fill_in(path, {"./astronaut.jpg 0": LABELS[0]})
    assert main(["review", str(data), "--merge", str(path)]) == 1
    assert "corrected before" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("number,image\n1,./astronaut.jpg\n", "lacks the columns"),
        ("image,face,correction\nastronaut.jpg,first,-\n", "no number of a face"),
        (None, "cannot be opened"),
        ("", "lacks the columns"),
        ("\ufeff\r\n", "lacks the columns"),
        ("\nimage,face,correction\n", "lacks the columns"),
        ("image,face\n", "lacks the columns correction"),
    ],
)
def test_a_file_that_is_no_list_of_corrections_is_refused(
    content: str | None,
    message: str,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "labels.csv"
    if content is not None:
        path.write_text(content)
    assert main(["review", str(data), "--merge", str(path)]) == 1
    assert message in capsys.readouterr().err


def test_a_list_without_corrections_reviews_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("image,face,correction\n")
    assert main(["review", str(data), "--merge", str(path)]) == 0
    assert capsys.readouterr().out.startswith("0 faces reviewed")


@pytest.mark.parametrize(
    ("other", "message"), [(["--faces", "0"], "1 to 400 faces"), ([], "no data set")]
)
def test_what_cannot_be_drawn_is_told(
    other: list[str],
    message: str,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = data if other else tmp_path / "elsewhere"
    assert main(["review", str(folder), "--out", str(tmp_path / "sheets"), *other]) == 1
    assert message in capsys.readouterr().err


def test_a_data_set_without_faces_has_nothing_to_look_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    annotations = Annotations(tmp_path)
    annotations.begin(RECORD)
    annotations.append(Annotated([], [(NO_FACE, "nobody.png")], 1))
    assert main(["review", str(tmp_path), "--out", str(tmp_path / "sheets")]) == 1
    assert "no face to look at" in capsys.readouterr().err


def test_what_a_person_wrote_is_not_drawn_over(
    data: Path, sheets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill_in(sheets / "labels.csv", {"./astronaut.jpg 0": LABELS[0]})
    written = (sheets / "labels.csv").read_bytes()
    assert main(["review", str(data), "--out", str(sheets)]) == 1
    assert "somebody's corrections" in capsys.readouterr().err
    assert (sheets / "labels.csv").read_bytes() == written


def png(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (48, 48), colour).save(file, "PNG")
    return file.getvalue()


def test_crops_of_the_data_set_are_shown_and_damaged_ones_are_gone(tmp_path: Path) -> None:
    annotations = Annotations(tmp_path / "granular")
    annotations.begin(RECORD | {"crops": True, "images": str(tmp_path)})
    shares = {"sure": (0.9, 0.05, 0.05), "less": (0.8, 0.1, 0.1), "damaged": (0.7, 0.1, 0.2)}
    crops = {"sure": png("seagreen"), "less": png("indigo"), "damaged": b"GIF89a"}
    for name, share in shares.items():  # a file each
        face = row(f"{name}.jpg", share, crop={"bytes": crops[name], "path": None})
        annotations.append(Annotated([face], [], 1))
    assert main(["review", str(tmp_path / "granular"), "--out", str(tmp_path / "sheets")]) == 0
    with Image.open(tmp_path / "sheets" / "01-흐뭇함-귀여움-예쁨.png") as sheet:
        seen = [sheet.getpixel((16 + 128 * place + 56, 130)) for place in range(3)]
    assert seen == [(46, 139, 87), (75, 0, 130), (229, 231, 235)]


def test_labels_of_somebody_else_s_data_set_cannot_be_formulas(tmp_path: Path) -> None:
    labels = ['=HYPERLINK("x")', "@now", "긴" * 200]
    annotations = Annotations(tmp_path / "granular")
    annotations.begin(RECORD | {"labels": labels})
    probabilities = dict(zip(labels, (0.6, 0.3, 0.1), strict=True))
    face = row("astronaut.jpg", (0.6, 0.3, 0.1)) | {"probabilities": probabilities}
    annotations.append(Annotated([face], [], 1))
    assert main(["review", str(tmp_path / "granular"), "--out", str(tmp_path / "sheets")]) == 0
    with (tmp_path / "sheets" / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file)
    assert line["label"] == "'" + labels[0]
    assert len(list((tmp_path / "sheets").glob("*.png"))) == 3


def test_every_known_label_can_be_drawn() -> None:
    labels = (*FACE_EMOTIONS, *KOTE)
    text = "".join((*labels, *(display_name(label, "en") for label in labels)))
    font = ImageFont.truetype(str(FONT), 24)
    missing = bytes(font.getmask("\uffff"))
    assert [c for c in sorted(set(text)) if c != " " and bytes(font.getmask(c)) == missing] == []
