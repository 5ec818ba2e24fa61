"""Label vectors → affection weights in [-1, 1].

    encoder = TextEncoder.from_pretrained()
    affection_weights(("기쁨", "질투"), encoder.encode)      # known and new labels alike

``contrast`` places a label on the axis that runs from the opposites of affection to affection
(SemAxis: An et al. 2018): each label is described by many phrases in several contexts, since one
word is a noisy sample of its meaning; what a context adds to any phrase is removed, since it says
nothing about the phrase (anisotropy: Ethayarajh 2019; Mu & Viswanath 2018); and so are the
directions of neutral, the only ones that may go (the first principal directions of the emotions
are affect itself). ``raw`` is the cosine of the bare words, for comparison.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.descriptions import ANCHORS, DESCRIPTIONS, Anchors, phrases_of
from seollem.scoring.errors import WeightsError
from seollem.vision.prompts import templates_of, words_of

KOREAN_CONTEXTS = ("{}", "마음속의 감정, {}", "그 사람에게 느끼는 감정: {}")
ENGLISH_CONTEXTS = ("{}", "a feeling of {}", "my feeling toward someone: {}")
NEUTRAL = ("neutral", "없음")  # whose weight is zero, by construction
METHODS = ("contrast", "raw")

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]


def affection_weights(
    labels: Sequence[str],
    encode: Encode,
    *,
    method: str = "contrast",
    anchors: Anchors = ANCHORS,
) -> dict[str, float]:
    """Weigh labels, each in [-1, 1]; a label's weight does not depend on the others asked for.

    Args:
        labels: known emotions, which have descriptions, or any others, Korean or English.
        encode: N sentences → (N, D) float32 of unit length.
        method: "contrast", scaled so that the greatest weight among the known emotions is 1 or -1
            (a new label beyond that is cut off there), or "raw", the mean cosine with the words of
            affection.
        anchors: the ends of the axis; their words for "raw", their phrases for "contrast".

    Raises:
        WeightsError: a label is blank, an end of the axis has no words, or the method is unknown.
    """
    if any(not label.strip() for label in labels):
        raise WeightsError("A label is blank. Name an emotion.")
    if not anchors.affection or not anchors.opposites:
        raise WeightsError("The axis of affection needs words at both ends.")
    if method == "raw":
        return _raw(labels, encode, anchors)
    if method == "contrast":
        return _contrast(labels, encode, anchors)
    raise WeightsError(f"{method!r} is no method: choose one of {', '.join(METHODS)}.")


def weight_sentences() -> list[str]:
    """The sentences whose vectors "contrast" makes weights of, for the labels it describes."""
    groups = (*DESCRIPTIONS.values(), *ANCHORS.affection.values(), *ANCHORS.opposites.values())
    phrases = dict.fromkeys(phrase for group in groups for phrase in group)
    return [sentence for phrase in phrases for _, sentence in _in_context(phrase)]


def _raw(labels: Sequence[str], encode: Encode, anchors: Anchors) -> dict[str, float]:
    affection = encode(list(anchors.affection))
    return {
        label: float((encode(words_of(label)) @ affection.T).mean().clip(-1, 1)) for label in labels
    }


def _contrast(labels: Sequence[str], encode: Encode, anchors: Anchors) -> dict[str, float]:
    place = _Placement(encode, DESCRIPTIONS)
    known = {label: place(phrases) for label, phrases in DESCRIPTIONS.items()}
    axis = _pole(place, anchors.affection) - _pole(place, anchors.opposites)
    neutral, _ = np.linalg.qr(np.stack([known[label] for label in NEUTRAL]).T)  # (D, 2)
    axis = _unit(axis - neutral @ (neutral.T @ axis))
    scale = max(abs(float(vector @ axis)) for vector in known.values())
    weights = {}
    for label in labels:
        vector = known[label] if label in known else place(phrases_of(label))
        weights[label] = float(np.clip(vector @ axis / scale, -1.0, 1.0))
    return weights


class _Placement:
    """Phrases → one vector (D,) of unit length, without what their contexts add.

    Args:
        encode: N sentences → (N, D).
        reference: the descriptions over which a context's own share is averaged.
    """

    def __init__(self, encode: Encode, reference: Mapping[str, Sequence[str]]) -> None:
        self._encode = encode
        phrases = dict.fromkeys(phrase for group in reference.values() for phrase in group)
        placed = [pair for phrase in phrases for pair in _in_context(phrase)]
        vectors = encode([sentence for _, sentence in placed])
        contexts = np.array([context for context, _ in placed])
        self._means = {
            context: vectors[contexts == context].mean(axis=0)
            for context in dict.fromkeys(contexts.tolist())
        }

    def __call__(self, phrases: Sequence[str]) -> Vectors:
        placed = [pair for phrase in phrases for pair in _in_context(phrase)]
        vectors = self._encode([sentence for _, sentence in placed])
        means = np.stack([self._means[context] for context, _ in placed])
        return _unit(_unit(vectors - means).mean(axis=0))


def _pole(place: _Placement, words: Mapping[str, Sequence[str]]) -> Vectors:
    """One end of the axis, (D,) of unit length: every word weighs the same."""
    return _unit(np.mean([place(phrases) for phrases in words.values()], axis=0))


def _in_context(phrase: str) -> list[tuple[str, str]]:
    """(context, sentence) for every context in the phrase's language."""
    is_korean = 0 in templates_of(phrase)
    language = "ko" if is_korean else "en"
    contexts = KOREAN_CONTEXTS if is_korean else ENGLISH_CONTEXTS
    return [(language + context, context.format(phrase)) for context in contexts]


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = vectors / np.maximum(lengths, 1e-12)
    return unit
