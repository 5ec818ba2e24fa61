"""Writes the label weights that ship, with their card's table and their chart.

    python -m scoring build-weights                  # by the embedded encoder, in its place
    python -m scoring build-weights --out FOLDER

The folder's CARD.md keeps its text; what stands between its two marks is written anew.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from seollem.scoring.affection_chart import draw_affection_axis
from seollem.scoring.agreement import Agreement, agreement, load_cooccurrence
from seollem.scoring.descriptions import DESCRIPTIONS
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE
from seollem.scoring.encoders import TextEncoder
from seollem.scoring.errors import WeightsError
from seollem.scoring.label_weights import SHIPPED
from seollem.scoring.similarity import affection_weights

NAME = "seollem-weights-1"
CHART = "affection_axis.png"
CARD = "CARD.md"
BEGIN, END = "<!-- built by python -m scoring build-weights -->", "<!-- end of what is built -->"
DIGITS = 4
PROVENANCE = (
    "How near each emotion's descriptions are to affection and how far from its opposites, in the "
    "space of the embedded text encoder; made by `python -m scoring build-weights`. Agreement is "
    "with KOTE's co-occurrences. See CARD.md."
)


def build_weights(folder: Path, encoder: TextEncoder) -> dict[str, float]:
    """Weigh every emotion that is read, and write table, card and chart into ``folder``.

    Raises:
        BrokenWeights: the encoder cannot be loaded.
        WeightsError: the folder cannot be written to, or its card lacks the marks.
    """
    weights = {
        label: round(weight, DIGITS) + 0.0  # no minus zero
        for label, weight in affection_weights((*FACE_EMOTIONS, *KOTE), encoder.encode).items()
    }
    reference = load_cooccurrence()
    found = agreement(weights, reference)
    table = {
        "name": NAME,
        "provenance": PROVENANCE,
        "encoder": {"name": encoder.name, "sha256": encoder.identity},
        "phrases": sum(map(len, DESCRIPTIONS.values())),
        "agreement": found and asdict(found),
        "weights": weights,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(table, ensure_ascii=False, indent=2) + "\n"
        (folder / SHIPPED.name).write_text(text, "utf-8")
        if (folder / CARD).is_file():
            _renew_card(folder / CARD, weights, reference, found)
        greatest = max(map(abs, reference.values()))
        scaled = {label: value / greatest for label, value in reference.items()}
        draw_affection_axis(weights, folder / CHART, reference=scaled)
    except OSError as error:
        raise WeightsError(f"{folder} cannot be written to ({error.strerror}).") from error
    return weights


def _renew_card(
    path: Path,
    weights: Mapping[str, float],
    reference: Mapping[str, float],
    found: Agreement | None,
) -> None:
    before, begin, rest = path.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise WeightsError(f"{path} lacks the marks {BEGIN} and {END}: put them back.")
    rows = [
        f"| {label} | {weights[label]:.4f} | "
        + (f"{reference[label]:.3f} |" if label in reference else "|")
        for label in sorted(weights, key=lambda label: -weights[label])
    ]
    head = ["| emotion | weight | co-occurrence |", "|---|---|---|"]
    figures = [f"\n{describe(found)}\n"] if found else []
    built = "\n".join([BEGIN, *figures, *head, *rows, END])
    path.write_text(before + built + after, "utf-8")


def describe(found: Agreement) -> str:
    """An agreement in a sentence."""
    positive = (
        ""
        if found.spearman_positive is None
        else f", within the positive ones {found.spearman_positive:.3f}"
    )
    wrong = f" (not {', '.join(found.wrong_side)})" if found.wrong_side else ""
    return (
        f"Agreement with KOTE's co-occurrences over {found.labels} labels: Spearman "
        f"{found.spearman:.3f}{positive}; of the clear ones {found.sign:.1%} have the same "
        f"sign{wrong}."
    )
