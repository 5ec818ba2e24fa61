"""Read faces from their official files or from a manifest, once, into a fast form.

    seollem train prepare --source data/fer2013 --out data/fer2013.npz
    seollem train prepare --source data/faces.parquet --out data/faces.npz

The source is a folder with fer2013.csv (Kaggle), fer2013new.csv (FERPlus) and perhaps flags.json,
or a manifest that merge wrote.
"""

from pathlib import Path

import click

from seollem.cli.commands import PATH, Command
from seollem.training.data.balance import balance_table
from seollem.training.data.faces import FaceSet
from seollem.training.data.fer2013 import read_official
from seollem.training.data.manifest import Manifest
from seollem.training.data.pictures import load_pictures
from seollem.training.errors import SettingsError
from seollem.training.files.disk import require_space
from seollem.training.files.skipped import Skipped

LEAST_SIZE = 16  # pixels


@click.command(cls=Command, help=__doc__)
@click.option(
    "--source", type=PATH, required=True, help="folder of the official files, or a manifest"
)
@click.option("--out", type=PATH, required=True, help="the .npz to write")
@click.option(
    "--size", type=int, default=48, show_default=True, help="pixels a side of a manifest's faces"
)
def main(source: Path, out: Path, size: int) -> None:
    if size < LEAST_SIZE:
        raise SettingsError(f"Faces of {size} pixels show nothing; {LEAST_SIZE} are the least.")
    if source.is_file():
        faces, skipped = read_manifest(source, size)
    else:
        faces, skipped = read_official(source)
    require_space(out.parent, faces.images.nbytes)
    faces.save(out)
    print(balance_table(faces))
    if skipped:
        print(skipped.summary())
    print(f"{len(faces)} rows, {len(skipped)} damaged ones skipped → {out}")


def read_manifest(path: Path, size: int) -> tuple[FaceSet, Skipped]:
    """The faces of a manifest, ``size`` pixels a side; those gone since are counted.

    Raises:
        DataError: no manifest, or a csv file of faces is gone.
    """
    skipped = Skipped()
    manifest = Manifest.read(path)
    images, is_read = load_pictures(manifest.rows, size, skipped)
    return manifest.faces(images).where(is_read), skipped
