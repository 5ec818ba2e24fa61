from pathlib import Path

import numpy as np
import pytest

from miniatures import CsvRow, fer2013_rows, write_fer2013
from seollem.scoring.emotions import FACE_EMOTIONS
from seollem.training.data.faces import Split
from seollem.training.data.fer2013 import read_official
from seollem.training.errors import DataError


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


def test_leaked_rows_are_those_that_flags_name(official_files: Path, tmp_path: Path) -> None:
    for path in official_files.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    flags = tmp_path / "flags.json"
    flags.write_text('{"test_rows_ncc_gt_0_95_to_training": [57, 80]}')
    assert np.flatnonzero(read_official(tmp_path)[0].leaked).tolist() == [57, 80]
    for content in ("{}", "not json", '{"test_rows_ncc_gt_0_95_to_training": 7}'):
        flags.write_text(content)
        with pytest.raises(DataError, match="list of row numbers"):
            read_official(tmp_path)


def test_without_flags_the_leaked_rows_are_searched_for(tmp_path: Path) -> None:
    rows = fer2013_rows()
    copied = next(number for number, row in enumerate(rows) if row.usage == "PublicTest")
    rows[copied] = CsvRow("fear", "PublicTest", rows[2].face)
    faces, _ = read_official(write_fer2013(tmp_path, rows))
    assert np.flatnonzero(faces.leaked).tolist() == [copied]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    write_fer2013(tmp_path, fer2013_rows(1, 1))
    (tmp_path / "fer2013.csv").write_bytes(b"emotion,pixels,Usage\n\xff\xfe\xfd")
    with pytest.raises(DataError, match="UTF-8"):
        read_official(tmp_path)


@pytest.mark.parametrize("vote", ["eight", "", "-1", "11", "9" * 30])
def test_votes_that_ten_annotators_cannot_have_given_are_refused(tmp_path: Path, vote: str) -> None:
    write_fer2013(tmp_path, fer2013_rows(1, 1))
    votes = tmp_path / "fer2013new.csv"
    votes.write_text(votes.read_text().replace(",8,", f",{vote},", 1))
    with pytest.raises(DataError, match="not a number from 0 to 10"):
        read_official(tmp_path)
