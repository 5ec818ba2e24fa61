"""Look at what annotate wrote, and correct it.

    seollem train review data/granular --out review
    seollem train review data/granular --merge review/labels.csv

The first command draws a contact sheet for each label (its surest faces, and the least sure of
those it was given to) and writes labels.csv, a line for each face in them. In the column
"correction" a person writes the right label, the same one to confirm it, or "-" where none fits;
what stays empty was not reviewed. The second command takes the lines back into the data set
(columns "reviewed" and "corrected"): all of them or, if one is wrong, none.
"""

from pathlib import Path

import click

from seollem.cli.commands import PATH, Command
from seollem.training.annotation.card import write_card
from seollem.training.annotation.corrections import apply_corrections, read_corrections, write_lines
from seollem.training.annotation.dataset import Annotations
from seollem.training.annotation.review_sheets import Sheets
from seollem.training.errors import SettingsError
from seollem.training.files.disk import replacing_file
from seollem.training.files.locks import alone_in

FILE_NAME = "labels.csv"
MOST_FACES = 400  # a group; a sheet is a picture that must fit into memory


@click.command(cls=Command, help=__doc__)
@click.argument("data", type=PATH)
@click.option("--out", type=PATH, help="folder for the sheets and labels.csv")
@click.option("--merge", type=PATH, metavar="CSV", help="a corrected labels.csv")
@click.option("--images", type=PATH, help="the photographs, if they were moved")
@click.option("--faces", type=int, default=16, show_default=True, help="faces a group of a sheet")
def main(data: Path, out: Path | None, merge: Path | None, images: Path | None, faces: int) -> None:
    if out is not None and merge is None:
        draw(Annotations(data), out, images, faces)
        path = out / FILE_NAME
        print(f"Correct {path}, then: seollem train review {data} --merge {path}")
    elif merge is not None and out is None:
        annotations = Annotations(data)
        corrections = read_corrections(merge, annotations.record["labels"])
        with alone_in(data):
            apply_corrections(annotations, corrections)
            write_card(annotations, data)
        print(f"{len(corrections)} faces reviewed → {data}")
    else:
        raise click.UsageError("Give one of --out and --merge.")


def draw(annotations: Annotations, out: Path, images: Path | None, faces: int) -> None:
    """Draw the sheets, of ``faces`` a group, and write labels.csv, into ``out``.

    Raises:
        SettingsError: the sheets would be too large, or ``out`` has a labels.csv.
    """
    if not 1 <= faces <= MOST_FACES:
        raise SettingsError(f"A group of a sheet takes 1 to {MOST_FACES} faces.")
    path = out / FILE_NAME
    if path.exists():
        raise SettingsError(
            f"{path} is there already, perhaps with somebody's corrections. Merge and remove it, "
            "or use another --out."
        )
    record = annotations.record
    sheets = Sheets(annotations, images or Path(record["images"]))
    for name, sheet in sheets.draw(faces):
        with replacing_file(out / name) as partial:
            sheet.save(partial, "PNG")
    write_lines(path, sheets.lines)
    print(f"{len(record['labels'])} sheets, {len(sheets.lines)} faces → {out}")
