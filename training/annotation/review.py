"""Look at what annotate wrote, and correct it.

    python -m training review data/granular --out review
    python -m training review data/granular --merge review/labels.csv

The first command draws a contact sheet for each label (its surest faces, and the least sure of
those it was given to) and writes labels.csv, a line for each face in them. In the column
"correction" a person writes the right label, the same one to confirm it, or "-" where none fits;
what stays empty was not reviewed. The second command takes the lines back into the data set
(columns "reviewed" and "corrected"): all of them or, if one is wrong, none.
"""

import argparse
from pathlib import Path

from seollem.training.annotation.card import write_card
from seollem.training.annotation.corrections import apply_corrections, read_corrections, write_lines
from seollem.training.annotation.dataset import Annotations
from seollem.training.annotation.review_sheets import Sheets
from seollem.training.errors import SettingsError
from seollem.training.files.disk import replacing_file
from seollem.training.files.locks import alone_in

FILE_NAME = "labels.csv"
MOST_FACES = 400  # a group; a sheet is a picture that must fit into memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", type=Path, help="folder that annotate wrote")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--out", type=Path, help="folder for the sheets and labels.csv")
    action.add_argument("--merge", type=Path, metavar="CSV", help="a corrected labels.csv")
    parser.add_argument("--images", type=Path, help="the photographs, if they were moved")
    parser.add_argument("--faces", type=int, default=16, help="faces a group of a sheet (16)")


def main(args: argparse.Namespace) -> None:
    annotations = Annotations(args.data)
    record = annotations.record
    if args.merge:
        corrections = read_corrections(args.merge, record["labels"])
        with alone_in(args.data):
            apply_corrections(annotations, corrections)
            write_card(annotations, args.data)
        print(f"{len(corrections)} faces reviewed → {args.data}")
        return
    if not 1 <= args.faces <= MOST_FACES:
        raise SettingsError(f"A group of a sheet takes 1 to {MOST_FACES} faces.")
    path: Path = args.out / FILE_NAME
    if path.exists():
        raise SettingsError(
            f"{path} is there already, perhaps with somebody's corrections. Merge and remove it, "
            "or use another --out."
        )
    sheets = Sheets(annotations, args.images or Path(record["images"]))
    for name, sheet in sheets.draw(args.faces):
        with replacing_file(args.out / name) as partial:
            sheet.save(partial, "PNG")
    write_lines(path, sheets.lines)
    print(f"{len(record['labels'])} sheets, {len(sheets.lines)} faces → {args.out}")
    print(f"Correct {path}, then: python -m training review {args.data} --merge {path}")
