"""Read FER-2013 and FERPlus from their official files, once, into a fast form.

    python -m training prepare --source FOLDER --out data/fer2013.npz

FOLDER holds fer2013.csv (Kaggle) and fer2013new.csv (FERPlus), and may hold flags.json.
"""

import argparse
from pathlib import Path

import numpy as np

from scoring.emotions import FACE_EMOTIONS, FER2013
from training.fer2013 import FaceSet, Split, read_official


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", type=Path, required=True, help="folder of the official files")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")


def main(args: argparse.Namespace) -> None:
    faces, skipped = read_official(args.source)
    faces.save(args.out)
    print(balance_table(faces))
    print(f"{len(faces)} rows, {skipped} damaged ones skipped → {args.out}")


def balance_table(faces: FaceSet) -> str:
    """How many rows each label has in each split, by both annotators, as Markdown."""
    lines = ["| annotator | label | training | public | private |", "|---|---|---:|---:|---:|"]
    splits = [faces.split(split) for split in Split]
    for annotator, labels in (("fer2013", FER2013), ("ferplus", FACE_EMOTIONS)):
        for number, label in enumerate(labels):
            counts = [
                int(np.sum((s.labels if annotator == "fer2013" else s.plurality) == number))
                for s in splits
            ]
            lines.append(f"| {annotator} | {label} | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(lines)
