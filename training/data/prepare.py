"""Read faces from their official files or from a manifest, once, into a fast form.

    python -m training prepare --source data/fer2013 --out data/fer2013.npz
    python -m training prepare --source data/faces.parquet --out data/faces.npz

The source is a folder with fer2013.csv (Kaggle), fer2013new.csv (FERPlus) and perhaps flags.json,
or a manifest that merge wrote.
"""

import argparse
from pathlib import Path

from seollem.training.data.balance import balance_table
from seollem.training.data.faces import FaceSet
from seollem.training.data.fer2013 import read_official
from seollem.training.data.manifest import Manifest
from seollem.training.data.pictures import load_pictures
from seollem.training.errors import SettingsError
from seollem.training.files.disk import require_space
from seollem.training.files.skipped import Skipped

LEAST_SIZE = 16  # pixels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source", type=Path, required=True, help="folder of the official files, or a manifest"
    )
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    parser.add_argument(
        "--size", type=int, default=48, help="pixels a side of a manifest's faces (48)"
    )


def main(args: argparse.Namespace) -> None:
    if args.size < LEAST_SIZE:
        raise SettingsError(
            f"Faces of {args.size} pixels show nothing; {LEAST_SIZE} are the least."
        )
    if args.source.is_file():
        faces, skipped = read_manifest(args.source, args.size)
    else:
        faces, skipped = read_official(args.source)
    require_space(args.out.parent, faces.images.nbytes)
    faces.save(args.out)
    print(balance_table(faces))
    if skipped:
        print(skipped.summary())
    print(f"{len(faces)} rows, {len(skipped)} damaged ones skipped → {args.out}")


def read_manifest(path: Path, size: int) -> tuple[FaceSet, Skipped]:
    """The faces of a manifest, ``size`` pixels a side; those gone since are counted.

    Raises:
        DataError: no manifest, or a csv file of faces is gone.
    """
    skipped = Skipped()
    manifest = Manifest.read(path)
    images, is_read = load_pictures(manifest.rows, size, skipped)
    return manifest.faces(images).where(is_read), skipped
