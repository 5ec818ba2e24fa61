from pathlib import Path

import numpy as np
import pytest

from seollem.scoring.emotions import AFFECTNET, FER2013
from seollem.training.data.faces import CLASSES, FaceSet, Split
from seollem.training.errors import DataError


def mixed() -> FaceSet:
    """Two faces of FER-2013, the first with votes, and two of AffectNet."""
    votes = np.zeros((4, 10), np.int64)
    votes[0, [1, 2]] = (9, 1)
    return FaceSet(
        images=np.arange(4 * 9, dtype=np.uint8).reshape(4, 3, 3),
        labels=np.array([3, 6, -1, -1]),
        votes=votes,
        splits=np.array([0, 2, 0, 1]),
        leaked=np.array([False, True, False, False]),
        affectnet=np.array([-1, -1, 7, 0]),
    )


def test_every_annotator_speaks_of_its_own_faces() -> None:
    faces = mixed()
    assert faces.annotators == ("ferplus", "fer2013", "affectnet")
    assert faces.truth("ferplus").tolist() == [1, -1, -1, -1]
    assert faces.truth("fer2013").tolist() == [3, 6, -1, -1]
    assert faces.truth("affectnet").tolist() == [-1, -1, 7, 0]
    assert faces.split(Split.PUBLIC).annotators == ("affectnet",)
    assert faces.is_face.all()


def test_batches_are_balanced_over_both_sources_emotions() -> None:
    faces = mixed()
    named = [CLASSES[number] for number in faces.classes]
    assert named == [FER2013[3], FER2013[6], AFFECTNET[7], AFFECTNET[0]]
    alone = faces.where(faces.labels >= 0)
    assert np.array_equal(alone.classes, alone.labels)


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
    assert faces.affectnet.tolist() == [-1, -1]


def test_a_majority_is_more_than_half_of_the_votes_that_count() -> None:
    ballots = {
        (6, 4): 0,  # more than half
        (5, 5): -1,  # half
        (5, 2, 1, 1, 1): 0,  # 5 of 7, as single votes do not count
        (4, 3, 2, 1): -1,
        (2, 0, 0, 0, 0, 0, 0, 0, 8, 0): -1,  # "unknown" won
        (1,) * 10: -1,
        (0,): -1,
    }
    votes = np.zeros((len(ballots), 10), np.int64)
    for row, ballot in zip(votes, ballots, strict=True):
        row[: len(ballot)] = ballot
    images = np.zeros((len(votes), 48, 48), np.uint8)
    rest = np.zeros(len(votes), np.int64)
    faces = FaceSet(images, rest, votes, rest, rest.astype(np.bool_))
    assert faces.majority.tolist() == list(ballots.values())


def test_an_archive_gives_back_what_was_saved(tmp_path: Path) -> None:
    faces = mixed()
    faces.save(tmp_path / "new" / "faces.npz")
    loaded = FaceSet.load(tmp_path / "new" / "faces.npz")
    for column in FaceSet.__slots__:
        assert np.array_equal(getattr(loaded, column), getattr(faces, column)), column
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["faces.npz"]


def test_an_archive_from_before_affectnet_is_read(tmp_path: Path) -> None:
    faces = mixed()
    older = {name: getattr(faces, name) for name in FaceSet.__slots__ if name != "affectnet"}
    np.savez_compressed(tmp_path / "faces.npz", **older)
    assert FaceSet.load(tmp_path / "faces.npz").annotators == ("ferplus", "fer2013")


def test_a_damaged_archive_says_how_to_make_it(tmp_path: Path) -> None:
    path = tmp_path / "faces.npz"
    mixed().save(path)
    whole = path.read_bytes()
    np.savez(tmp_path / "other.npz", weights=np.zeros(3))
    other = (tmp_path / "other.npz").read_bytes()
    broken = bytearray(whole)
    broken[80] ^= 255  # within the first column
    for content in (b"", b"not an archive", whole[: len(whole) // 2], bytes(broken), other):
        path.write_bytes(content)
        with pytest.raises(DataError, match="prepare"):
            FaceSet.load(path)
    with pytest.raises(DataError, match="prepare"):
        FaceSet.load(tmp_path / "nowhere.npz")
