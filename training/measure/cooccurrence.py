"""Measure which of the 36 new emotions go with which emotion of a face, in people's comments.

    seollem train cooccurrence --kote data/kote --out training/measure/kote_cooccurrence.json

The folder --kote holds KOTE's val and test files (Jeon et al. 2022): comments that people gave 44
labels, several each. The table is the phi coefficient, the correlation of "has this emotion" with
"has that label" over all comments: unlike a share of comments, it does not favour labels for being
common in comments. ``zeroshot`` reads the table that comes with the package.
"""

import json
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from seollem.cli.commands import PATH, Command
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE, NEW_EMOTIONS
from seollem.training.data.corpora import read_kote
from seollem.training.errors import DataError
from seollem.training.files.disk import replacing_file

TABLE = Path(__file__).parent / "kote_cooccurrence.json"
SPLITS = ("val", "test")

# KOTE's names for an emotion that people vote on for faces; it has none for contempt.
NAMED_IN_KOTE: dict[str, tuple[str, ...]] = {
    "neutral": ("없음",),
    "happiness": ("기쁨", "행복"),
    "surprise": ("놀람",),
    "sadness": ("슬픔",),
    "anger": ("화남/분노",),
    "disgust": ("역겨움/징그러움",),
    "fear": ("공포/무서움",),
}


@click.command(cls=Command, help=__doc__)
@click.option("--kote", type=PATH, required=True, help="folder of KOTE's files")
@click.option("--out", type=PATH, default=TABLE, show_default=True, help="file to write")
def main(kote: Path, out: Path) -> None:
    has = np.concatenate([read_kote(kote, split).targets for split in SPLITS]) > 0
    table = {
        emotion: dict(zip(NEW_EMOTIONS, row, strict=True))
        for emotion, row in zip(NAMED_IN_KOTE, cooccurrence(has).round(4).tolist(), strict=True)
    }
    report = {"measure": "phi", "comments": len(has), "table": table}
    with replacing_file(out) as partial:
        partial.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print("| emotion | goes with |\n|---|---|")
    for emotion, row in table.items():
        best = sorted(row, key=lambda label: -row[label])[:5]
        print(f"| {emotion} | " + ", ".join(f"{label} {row[label]:.2f}" for label in best) + " |")


def cooccurrence(has: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Comments (N, 44) of bool → phi (7, 36): emotions of NAMED_IN_KOTE × NEW_EMOTIONS.

    Raises:
        DataError: a label occurs in no comment or in all, so that nothing can be said about it.
    """
    emotions = np.stack(
        [has[:, [KOTE.index(n) for n in names]].any(axis=1) for names in NAMED_IN_KOTE.values()]
    )
    labels = has[:, [KOTE.index(label) for label in NEW_EMOTIONS]].T
    everything = np.concatenate([emotions, labels])
    if (everything.all(axis=1) | ~everything.any(axis=1)).any():
        raise DataError("Some label occurs in no comment, or in all. Give KOTE's whole files.")
    phi: NDArray[np.float64] = np.corrcoef(everything)[: len(emotions), len(emotions) :]
    return phi


def load_table(path: Path = TABLE) -> NDArray[np.float64]:
    """Phi (8, 36): FACE_EMOTIONS × NEW_EMOTIONS. Contempt's row is 0.

    Raises:
        DataError: the file is missing, or not what this command writes.
    """
    phi = np.zeros((len(FACE_EMOTIONS), len(NEW_EMOTIONS)))
    try:
        table = json.loads(path.read_text("utf-8"))["table"]
        for emotion in NAMED_IN_KOTE:
            row = [table[emotion][label] for label in NEW_EMOTIONS]
            phi[FACE_EMOTIONS.index(emotion)] = row
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} is no table of co-occurrences ({error}). Make it with: "
            "seollem train cooccurrence"
        ) from error
    return phi
