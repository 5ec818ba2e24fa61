"""Merge face data sets into one manifest, which knows every face and says what is leaked.

    seollem train merge --fer2013 data/fer2013 --affectnet data/affectnet \\
        --out data/faces.parquet

Reads FER-2013 (fer2013.csv, with the FERPlus votes of fer2013new.csv where that lies beside it, or
train and test folders) and AffectNet (train_set and val_set, training.csv and validation.csv, or
folders named for emotions). Near-duplicates across sources and splits are found and marked, so that
no figure counts a face that was trained on. Beside the manifest: the balance of classes as a chart
(.png), and what was skipped, and why (.skipped.csv).
"""

from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from seollem.cli.commands import PATH, Command, Several
from seollem.training.data.balance import balance_table, draw_balance
from seollem.training.data.duplicates import find_duplicates
from seollem.training.data.faces import Split
from seollem.training.data.manifest import SOURCES, Manifest
from seollem.training.data.pictures import load_pictures
from seollem.training.data.sources import NAMES, check_classes, read_source
from seollem.training.errors import DataError
from seollem.training.files.disk import require_space
from seollem.training.files.skipped import Skipped

SIDE = 48  # pixels; what hashes and correlations are taken of
BYTES_PER_ROW = 200  # of the manifest, at most


def _folders(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each source, which names its folders."""
    for source in SOURCES:
        command = click.option(
            f"--{source}",
            cls=Several,
            type=PATH,
            metavar="FOLDER...",
            help=f"where {NAMES[source]} lies; several folders are one source",
        )(command)
    return command


@click.command(cls=Command, help=__doc__)
@_folders
@click.option("--out", type=PATH, required=True, help="the .parquet to write")
def main(out: Path, **folders: tuple[Path, ...]) -> None:
    places_of = {source: folders[source] for source in SOURCES}
    if not any(places_of.values()):
        raise DataError("Name a folder: --fer2013 FOLDER, --affectnet FOLDER, or both.")
    skipped = Skipped()
    rows = [
        row
        for source, places in places_of.items()
        for folder in places
        for row in read_source(source, folder, skipped)
    ]
    require_space(out.parent, BYTES_PER_ROW * len(rows))
    images, is_read = load_pictures(rows, SIDE, skipped)
    rows = [row for row, read in zip(rows, is_read, strict=True) if read]
    check_classes(rows)
    images = images[is_read]
    splits = np.array([row.split for row in rows], np.int64)
    manifest = Manifest(tuple(rows), find_duplicates(images, splits))
    manifest.write(out)
    faces = manifest.faces(images)
    print(balance_table(faces))
    draw_balance(faces, out.with_suffix(".png"))
    print(duplicates_summary(manifest))
    if skipped:
        print(skipped.summary())
    skipped.save(out.with_suffix(".skipped.csv"))
    print(f"{len(manifest):,} rows → {out}")


def duplicates_summary(manifest: Manifest) -> str:
    """How many rows show a photograph that another row shows, and where that matters."""
    found = manifest.duplicates
    again = np.flatnonzero(found.first != np.arange(len(manifest)))
    across = sum(
        manifest.rows[row].source != manifest.rows[found.first[row]].source for row in again
    )
    leaked = [int(found.leaked[manifest.splits == split].sum()) for split in Split]
    return (
        f"{len(again):,} near-duplicates, {across:,} of them across sources; kept out of honest "
        f"figures: {leaked[Split.PUBLIC]:,} of the validation and {leaked[Split.PRIVATE]:,} of the "
        "test rows, which stand in an earlier split too."
    )
