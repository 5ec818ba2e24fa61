"""Folders of photographs, read as selfies are."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from checkout import PORTRAITS
from photographs import encode, texture
from seollem.training.errors import DataError
from seollem.training.measure.elsewhere import read_people, read_pictures, tables
from seollem.training.measure.figures import measure
from seollem.vision.analyzer import SelfieAnalyzer


@pytest.fixture(scope="module")
def analyzer() -> SelfieAnalyzer:
    return SelfieAnalyzer.from_pretrained()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two sets: smiling portraits, one of them mislabelled, and a picture of nobody."""
    for place in ("portraits/happiness", "portraits/anger", "others/neutral"):
        (tmp_path / place).mkdir(parents=True)
    shutil.copy(PORTRAITS / "astronaut.jpg", tmp_path / "portraits/happiness/a.jpg")
    shutil.copy(PORTRAITS / "astronaut.jpg", tmp_path / "portraits/anger/b.jpg")
    (tmp_path / "others/neutral/nobody.png").write_bytes(encode(texture(300, 200)))
    return tmp_path


def test_a_picture_without_a_face_counts_as_wrong(analyzer: SelfieAnalyzer, pictures: Path) -> None:
    read = read_pictures(analyzer, pictures, are_crops=False)
    rows = {(row.group, row.name): row.figures for row in map(measure, tables(read, {}))}
    assert rows["portraits", "all"]["accuracy"].value == 0.5
    assert rows["portraits", "all"]["not found"].value == 0.0
    assert rows["others", "all"]["accuracy"].value == 0.0
    assert rows["others", "all"]["not found"].value == 1.0
    assert rows["portraits recall", "happiness"]["recall"].value == 1.0


def test_people_are_told_by_group(analyzer: SelfieAnalyzer, pictures: Path) -> None:
    with (pictures / "people.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerows([("file", "gender", "age"), ("a.jpg", "female", 31), ("b.jpg", "", "?")])
    people = read_people(pictures / "people.csv")
    assert people == {"a.jpg": {"gender": "female", "age": "25 to 39"}, "b.jpg": {}}
    read = read_pictures(analyzer, pictures, are_crops=False)
    rows = {row.name: row for row in map(measure, tables(read, people))}
    assert rows["gender: female"].n == 1
    assert rows["gender: female"].figures["UAR"].value == 1.0


def test_crops_are_read_as_they_are(analyzer: SelfieAnalyzer, pictures: Path) -> None:
    read = read_pictures(analyzer, pictures, are_crops=True)
    assert not read.probabilities[:, -1].any()
    assert np.allclose(read.probabilities.sum(axis=1), 1.0)


def test_a_table_of_people_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name\nkim\n")
    with pytest.raises(DataError, match="no column named file"):
        read_people(tmp_path / "people.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_people(tmp_path / "none.csv")
