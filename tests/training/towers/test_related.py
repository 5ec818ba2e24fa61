"""Votes spread over related words."""

from typing import NoReturn

import torch

from seollem.training.towers.related import RelatedLabels
from seollem.vision.label_vectors import LabelSpace

Vectors = dict[str, tuple[float, ...]]

AXES: Vectors = {
    "happiness": (1, 0, 0),
    "sadness": (0, 1, 0),
    "anger": (0, 0, 1),
}
WORDS: Vectors = {
    "joy": (0.9, 0.1, 0.1),
    "gloom": (0.1, 0.9, 0.2),
    "rage": (0.1, 0.2, 0.9),
}
HUB: Vectors = {"feeling": (0.6, 0.6, 0.6)}


def no_tower() -> NoReturn:
    raise AssertionError("every label is stored")


def space(vectors: Vectors) -> LabelSpace:
    stored = {
        label: torch.nn.functional.normalize(torch.tensor(vector, dtype=torch.float32), dim=0)
        for label, vector in vectors.items()
    }
    return LabelSpace(torch.empty(0), stored, no_tower)


def related() -> RelatedLabels:
    vocabulary = [*WORDS, *HUB]
    return RelatedLabels(space(AXES | WORDS | HUB), {"ferplus": list(AXES)}, vocabulary)


def test_a_vote_goes_to_the_words_that_mean_the_same() -> None:
    shares = related().spread(torch.eye(3), "ferplus")

    assert shares[:, :3].argmax(dim=1).tolist() == [0, 1, 2]
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(3))


def test_a_word_near_every_label_takes_no_more_of_one_than_of_another() -> None:
    hub = related().spread(torch.eye(3), "ferplus")[:, 3]

    assert float(hub.max() / hub.min()) < 1.2


def test_split_votes_are_spread_in_their_proportion_and_no_vote_stays_none() -> None:
    words = related()
    whole = words.spread(torch.eye(3), "ferplus")
    split = words.spread(torch.tensor([[0.25, 0.75, 0.0], [0.0, 0.0, 0.0]]), "ferplus")

    torch.testing.assert_close(split[0], 0.25 * whole[0] + 0.75 * whole[1])
    assert not split[1].any()


def test_it_follows_a_text_tower_that_is_trained_along() -> None:
    words = related()
    swapped = WORDS | {"joy": WORDS["gloom"], "gloom": WORDS["joy"]}
    words.refresh(space(AXES | swapped | HUB))

    assert words.spread(torch.eye(3), "ferplus")[:, :3].argmax(dim=1).tolist() == [1, 0, 2]
    assert not words.state_dict()  # it is made again from the text tower, and stored nowhere
