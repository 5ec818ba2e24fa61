import numpy as np
import pytest
import torch

from seollem.scoring.emotions import AFFECTNET, FACE_EMOTIONS, FER2013
from seollem.training.data.faces import FaceSet
from seollem.training.finetune.targets import annotated, blend, distilled, draw


def faces() -> FaceSet:
    """One face of FER-2013 that eight called happy and two sad; one of AffectNet: contempt."""
    votes = np.zeros((2, 10), np.int64)
    votes[0, [FACE_EMOTIONS.index("happiness"), FACE_EMOTIONS.index("sadness")]] = 8, 2
    return FaceSet(
        images=np.zeros((2, 48, 48), np.uint8),
        labels=np.array([FER2013.index("sadness"), -1]),
        votes=votes,
        splits=np.zeros(2, np.int64),
        leaked=np.zeros(2, np.bool_),
        affectnet=np.array([-1, AFFECTNET.index("contempt")]),
    )


def test_each_annotator_is_believed_in_their_own_way() -> None:
    targets = annotated(faces(), smoothing=0.1)
    assert targets["ferplus"][0, FACE_EMOTIONS.index("happiness")] == pytest.approx(0.8)
    assert targets["fer2013"][0, FER2013.index("sadness")] == pytest.approx(0.9 + 0.1 / 7)
    assert targets["affectnet"][1].argmax() == AFFECTNET.index("contempt")


def test_a_face_that_an_annotator_never_saw_does_not_count() -> None:
    targets = annotated(faces(), smoothing=0.1)
    assert not targets["ferplus"][1].any()
    assert not targets["fer2013"][1].any()
    assert not targets["affectnet"][0].any()


def test_teachers_are_asked_alone_where_nobody_agreed() -> None:
    own = {"ferplus": np.array([[1, 0], [0, 0]], np.float32)}
    taught = {"ferplus": np.array([[0.5, 0.5], [0.2, 0.8]], np.float32)}
    mixed = distilled(own, taught, 0.4)["ferplus"]
    assert mixed == pytest.approx(np.array([[0.8, 0.2], [0.2, 0.8]]))


def test_drawn_votes_are_as_frequent_as_the_votes() -> None:
    shares = torch.tensor([[0.7, 0.3, 0.0]]).repeat(4000, 1)
    drawn = draw(shares, torch.Generator().manual_seed(1))
    assert torch.equal(drawn.sum(dim=1), torch.ones(4000))
    assert drawn.mean(dim=0).tolist() == pytest.approx([0.7, 0.3, 0.0], abs=0.03)


def test_no_vote_is_drawn_where_none_was_cast() -> None:
    drawn = draw(torch.tensor([[0.0, 0.0], [0.0, 1.0]]), torch.Generator())
    assert drawn.tolist() == [[0, 0], [0, 1]]


def test_faces_are_blended_as_their_targets_are() -> None:
    pixels = torch.eye(6).view(6, 1, 1, 6)
    mixed, targets = blend(pixels, {"ferplus": torch.eye(6)}, 0.4, torch.Generator().manual_seed(3))
    assert torch.equal(mixed.view(6, 6), targets["ferplus"])
    assert torch.allclose(mixed.sum(dim=-1), torch.ones(6, 1, 1))
    assert not torch.equal(targets["ferplus"], torch.eye(6))
