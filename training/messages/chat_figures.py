"""How well affection is heard in lines of private chat."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.affection import percent, turn_affection
from seollem.scoring.emotions import KOTE
from seollem.scoring.label_weights import LabelWeights
from seollem.training.data.corpora import read_chat
from seollem.training.measure.multilabel import auc


def chat_lines(split: str) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """ "Korean", then "English": its lines of a split of ``read_chat``, and what each is."""
    lines, kinds = read_chat(split)
    korean = np.array([any("가" <= character <= "힣" for character in t) for t in lines.texts])
    for language, chosen in (("Korean", korean), ("English", ~korean)):
        rows = np.flatnonzero(chosen)
        yield language, lines.rows(rows).texts, tuple(kinds[row] for row in rows)


def chat_figures(probabilities: NDArray[np.float32], kinds: Sequence[str]) -> dict[str, float]:
    """The mean affection of each kind of line, in [0, 100], and how well affection stands apart.

    Args:
        probabilities: (N, 44) in [0, 1], KOTE's labels.
        kinds: N of what ``seollem.training.data.corpora.read_chat`` names.
    """
    weights = LabelWeights.load()
    read = [dict(zip(KOTE, row, strict=True)) for row in probabilities.tolist()]
    scores = np.array([percent(turn_affection(row, weights)) for row in read], np.float32)
    kind = np.array(kinds)
    figures = {name: float(scores[kind == name].mean()) for name in dict.fromkeys(kinds)}
    for name, others in (("everyday", ["everyday"]), ("unkind", ["rejection", "hostile"])):
        some = (kind == "affection") | np.isin(kind, others)
        figures[f"auc over {name}"] = auc(scores[some], kind[some] == "affection")
    return {name: round(value, 4) for name, value in figures.items()}
