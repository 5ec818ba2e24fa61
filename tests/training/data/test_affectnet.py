from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from miniatures import (
    AffectNetFace,
    affectnet_faces,
    landmarks,
    picture,
    striped_face,
    write_affectnet,
    write_affectnet_lists,
    write_folders,
)
from seollem.scoring.emotions import AFFECTNET
from seollem.training.data.affectnet import read_affectnet
from seollem.training.data.faces import Split
from seollem.training.data.landmarks import crop_from_box, crop_from_landmarks
from seollem.training.data.manifest import Row
from seollem.training.data.pictures import load_pictures
from seollem.training.data.splits import with_every_split
from seollem.training.errors import DataError
from seollem.training.files.skipped import Skipped

DROPPED = {"labelled as no expression": 1, "labelled as uncertain": 2, "labelled as no face": 1}


def counts(skipped: Skipped) -> dict[str, int]:
    return {reason: len(places) for reason, places in skipped.places.items()}


def read(folder: Path) -> tuple[list[Row], Skipped]:
    skipped = Skipped()
    return read_affectnet(folder, skipped), skipped


def test_the_official_layout_keeps_eight_expressions_with_valence_and_arousal(
    tmp_path: Path,
) -> None:
    rows, skipped = read(write_affectnet(tmp_path, affectnet_faces()))
    assert Counter(row.label for row in rows) == dict.fromkeys(AFFECTNET, 8)
    assert {row.split for row in rows} == {Split.TRAINING, Split.PUBLIC}
    assert {(row.valence, row.arousal) for row in rows} == {(0.25, -0.5)}
    assert counts(skipped) == DROPPED


@pytest.mark.parametrize("header", [True, False])
def test_the_older_lists_are_read_with_and_without_a_header(tmp_path: Path, header: bool) -> None:
    faces = affectnet_faces()
    rows, skipped = read(write_affectnet_lists(tmp_path, faces, header=header))
    assert Counter(row.label for row in rows) == dict.fromkeys(AFFECTNET, 8)
    assert counts(skipped) == DROPPED
    assert (rows[0].valence, rows[0].arousal) == (0.25, -0.5)


def test_a_face_is_cut_out_of_its_photograph_as_selfies_are(tmp_path: Path) -> None:
    faces = affectnet_faces(1, 1, ())
    whole, _ = read(write_affectnet(tmp_path / "official", faces))
    (tmp_path / "lists").mkdir()
    within, _ = read(write_affectnet_lists(tmp_path / "lists", faces))
    for rows in (whole, within):
        images, is_read = load_pictures(rows, 64, Skipped())
        assert is_read.all()
        for row, image in zip(rows, images, strict=True):
            face = faces[int(row.path.stem)].face
            inner = (slice(6, -6), slice(6, -6))  # the warp softens the border
            assert np.abs(image[inner].astype(int) - face[inner]).mean() < 4


def test_landmarks_of_a_turned_face_turn_its_crop() -> None:
    turn = np.array([[np.cos(0.3), np.sin(0.3)], [-np.sin(0.3), np.cos(0.3)]])
    crop = crop_from_landmarks((landmarks(100) @ turn).ravel())
    assert crop is not None
    assert crop.side == pytest.approx(100, abs=1)
    assert crop.roll == pytest.approx(0.3)


def test_what_is_no_face_has_no_crop() -> None:
    assert crop_from_landmarks(np.zeros(136)) is None
    assert crop_from_landmarks(np.full(136, np.nan)) is None
    assert crop_from_landmarks(np.arange(10.0)) is None
    assert crop_from_box(np.array([0, 0, 3, 3.0])) is None
    assert crop_from_box(np.array([np.nan, 0, 30, 30])) is None


def test_what_kaggle_copies_is_read_by_its_folders(tmp_path: Path) -> None:
    faces = [
        (split, emotion, f"image{number}.png", striped_face(emotion, number))
        for number, emotion in enumerate(AFFECTNET)
        for split in ("archive (3)/Train", "archive (3)/Test")
    ]
    rows, skipped = read(write_folders(tmp_path, faces, "PNG"))
    assert Counter((row.label, row.split) for row in rows) == {
        (label, split): 1 for label in AFFECTNET for split in (Split.TRAINING, Split.PRIVATE)
    }
    assert not skipped


def test_folders_named_by_numbers_count_as_affectnet_does(tmp_path: Path) -> None:
    for number in range(9):
        folder = tmp_path / "train" / str(number)
        folder.mkdir(parents=True)
        (folder / "a.png").write_bytes(picture(striped_face("fear", number)))
    rows, skipped = read(tmp_path)
    assert tuple(row.label for row in rows) == AFFECTNET
    assert counts(skipped) == {"in a folder that names no emotion": 1}


def test_a_folder_s_name_may_be_spelt_in_the_ways_that_copies_do(tmp_path: Path) -> None:
    spelt = {"suprise": "surprise", "0_Neutral": "neutral", "HAPPY": "happiness"}
    faces = [("train", name, "a.png", striped_face("fear", n)) for n, name in enumerate(spelt)]
    rows, skipped = read(write_folders(tmp_path, faces, "PNG"))
    assert {row.path.parent.name: row.label for row in rows} == spelt
    assert not skipped


def test_damage_is_counted_and_listed(tmp_path: Path) -> None:
    write_affectnet(tmp_path, affectnet_faces(2, 1, ()))
    annotations = tmp_path / "train_set" / "annotations"
    (annotations / "0000_exp.npy").write_bytes(b"not an array")
    (annotations / "0001_exp.npy").unlink()
    np.save(annotations / "0002_exp.npy", np.array("11"))
    np.save(annotations / "0003_exp.npy", np.array("3.5"))
    (tmp_path / "train_set" / "images" / "0004.jpg").unlink()
    np.save(annotations / "0005_val.npy", np.array("-2"))
    np.save(annotations / "0005_lnd.npy", np.zeros(3))
    (tmp_path / "train_set" / "images" / "0006.jpg").write_bytes(b"\xff\xd8\xff not a picture")
    rows, skipped = read(tmp_path)
    assert counts(skipped) == {
        "without a readable label": 3,
        "of an unknown label": 1,
        "labels without a picture": 1,
    }
    assert "train_set/images/0000.jpg" in skipped.summary()
    damaged = rows[0]
    assert (damaged.valence, damaged.arousal, damaged.crop) == (None, -0.5, None)
    _, is_read = load_pictures(rows, 48, skipped)
    assert np.flatnonzero(~is_read).tolist() == [1]
    assert counts(skipped)["an unreadable picture (UnreadableImage)"] == 1
    skipped.save(tmp_path / "skipped.csv")
    assert len((tmp_path / "skipped.csv").read_text().splitlines()) == 7


def npy(header: str, data: bytes = b"") -> bytes:
    """An .npy file of version 1 as anybody could write one."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 not an archive",
        b"\x93NUMPY\x01\x00\xff",
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000,)}"),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}"),
        npy("{'descr': '<f8', 'fortran_order': Fal"),
        npy("{'descr': '<f8',\n  'fortran_order'\n 'shape'"),
        npy(
            "{'descr': [('x', '<f8'), ('y', '<f8')], 'fortran_order': False, 'shape': ()}",
            bytes(16),
        ),
        npy("[" * 5000),
    ],
    ids=[
        "empty",
        "the start of an archive",
        "a cut length",
        "a petabyte",
        "more than can be counted",
        "a cut header",
        "a header with a wrong indent",
        "a record",
        "endless brackets",
    ],
)
def test_an_annotation_that_is_no_array_of_numbers_ends_no_merge(
    tmp_path: Path, content: bytes
) -> None:
    write_affectnet(tmp_path, affectnet_faces(1, 1, ()))
    annotations = tmp_path / "train_set" / "annotations"
    whole, _ = read(tmp_path)
    (annotations / "0000_exp.npy").write_bytes(content)
    (annotations / "0001_val.npy").write_bytes(content)
    rows, skipped = read(tmp_path)
    assert counts(skipped) == {"without a readable label": 1}
    assert [row.path for row in rows] == [row.path for row in whole[1:]]
    assert (rows[0].valence, rows[0].arousal) == (None, -0.5)


def test_an_annotation_that_is_a_whole_archive_is_skipped(tmp_path: Path) -> None:
    write_affectnet(tmp_path, affectnet_faces(1, 1, ()))
    with (tmp_path / "train_set" / "annotations" / "0000_exp.npy").open("wb") as file:
        np.savez(file, np.array("3"))
    _, skipped = read(tmp_path)
    assert counts(skipped) == {"without a readable label": 1}


def test_a_list_whose_pictures_are_elsewhere_says_so(tmp_path: Path) -> None:
    write_affectnet_lists(tmp_path, affectnet_faces(1, 1, ()))
    (tmp_path / "Manually_Annotated_Images").rename(tmp_path / "moved")
    with pytest.raises(DataError, match="Manually_Annotated_Images"):
        read(tmp_path)


def test_a_list_without_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "training.csv").write_text("subDirectory_filePath,expression\n7/1.jpg,3\n")
    with pytest.raises(DataError, match="lacks the columns arousal"):
        read(tmp_path)


def test_a_folder_that_is_no_affectnet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="named for emotions"):
        read(tmp_path)
    with pytest.raises(DataError, match="no folder"):
        read(tmp_path / "nowhere")


def test_its_validation_faces_are_the_test_and_training_gives_the_validation(
    tmp_path: Path,
) -> None:
    faces = [AffectNetFace("train_set", 1, striped_face("happiness", n)) for n in range(200)]
    faces += [AffectNetFace("val_set", 1, striped_face("happiness", 999))]
    rows, _ = read(write_affectnet(tmp_path, faces))
    splits = Counter(row.split for row in with_every_split(rows))
    assert splits[Split.PRIVATE] == 1
    assert 0 < splits[Split.PUBLIC] < 25
    assert splits.total() == 201
    again = with_every_split(list(reversed(rows)))
    assert {r.path: r.split for r in again} == {r.path: r.split for r in with_every_split(rows)}
