from pathlib import Path

import numpy as np
import pytest

from scoring.emotions import FACE_EMOTIONS
from training.errors import DataError
from training.fer2013 import FaceSet, Split, read_official


def test_the_official_files_are_read_row_by_row(official_files: Path) -> None:
    faces, skipped = read_official(official_files)
    assert (len(faces), len(skipped)) == (84, 0)
    assert [len(faces.split(split)) for split in Split] == [56, 14, 14]
    assert faces.labels[:7].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert FACE_EMOTIONS[faces.plurality[3]] == "happiness"
    assert np.allclose(faces.vote_shares.sum(axis=1), 1)


def test_damaged_rows_are_counted_and_skipped_with_their_votes(
    official_files: Path, tmp_path: Path
) -> None:
    lines = (official_files / "fer2013.csv").read_text().splitlines()
    lines[1] = "0,1 2 3,Training"  # too few pixels
    lines[2] = lines[2].replace("1,", "9,", 1)  # no such label
    lines[3] = lines[3].replace("Training", "Nowhere")
    lines[4] = lines[4].replace(" ", " x", 1)  # not a number
    (tmp_path / "fer2013.csv").write_text("\n".join(lines))
    (tmp_path / "fer2013new.csv").write_text((official_files / "fer2013new.csv").read_text())
    faces, skipped = read_official(tmp_path)
    assert (len(faces), len(skipped)) == (80, 4)
    assert skipped.places["a damaged row"][0] == "fer2013.csv row 0"
    whole, _ = read_official(official_files)
    assert np.array_equal(faces.votes, whole.votes[4:])


@pytest.mark.parametrize(
    ("header", "message"),
    [("emotion,Usage", "lacks the columns pixels"), ("emotion,pixels,Usage", "no usable row")],
)
def test_a_file_that_is_not_the_data_set_is_refused(
    tmp_path: Path, header: str, message: str
) -> None:
    (tmp_path / "fer2013.csv").write_text(header + "\n")
    (tmp_path / "fer2013new.csv").write_text("x\n")
    with pytest.raises(DataError, match=message):
        read_official(tmp_path)


def test_a_missing_file_says_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Kaggle"):
        read_official(tmp_path)


def test_votes_for_fewer_rows_are_refused(official_files: Path, tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_text((official_files / "fer2013.csv").read_text())
    votes = (official_files / "fer2013new.csv").read_text().splitlines()
    (tmp_path / "fer2013new.csv").write_text("\n".join(votes[:-1]))
    with pytest.raises(DataError, match="must match"):
        read_official(tmp_path)


def test_a_single_vote_counts_as_a_slip() -> None:
    votes = np.zeros((2, 10), np.int64)
    votes[0, [1, 2]] = (9, 1)
    votes[1, [0, 8]] = (1, 9)
    faces = FaceSet(
        np.zeros((2, 48, 48), np.uint8),
        np.zeros(2, np.int64),
        votes,
        np.zeros(2, np.int64),
        np.zeros(2, np.bool_),
    )
    assert faces.vote_shares[0].tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    assert faces.vote_shares[1].sum() == 0
    assert faces.plurality.tolist() == [1, -1]


def test_a_damaged_archive_says_how_to_make_it(tmp_path: Path) -> None:
    (tmp_path / "fer2013.npz").write_bytes(b"not an archive")
    with pytest.raises(DataError, match="prepare"):
        FaceSet.load(tmp_path / "fer2013.npz")
