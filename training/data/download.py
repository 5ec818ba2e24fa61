"""Fetch FER-2013 and AffectNet from Kaggle, and see whether they are whole.

    seollem train download --out data
    seollem train download fer2013 --fer2013 msambare/fer2013 --out data

Each data set gets a folder of its own below --out. What was interrupted goes on where it stopped,
and what is there already is not fetched again. You need a Kaggle account, whose token the client
looks for in its usual places (KAGGLE_API_TOKEN, ~/.kaggle/access_token, KAGGLE_USERNAME and
KAGGLE_KEY, ~/.kaggle/kaggle.json). The votes of FERPlus, fer2013new.csv, are published on GitHub
(microsoft/FERPlus): put that file beside fer2013.csv. AffectNet's full set is handed out by its
authors; what Kaggle has are copies of parts of it, for research only. Folders named by numbers are
taken for AffectNet's own (0 neutral, 1 happiness … 7 contempt): see whether a copy's are.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from seollem.cli.commands import PATH, Command
from seollem.training.data.archive import unpack
from seollem.training.data.faces import ANNOTATORS
from seollem.training.data.kaggle import Kaggle
from seollem.training.data.manifest import SOURCES
from seollem.training.data.sources import NAMES, check_classes, read_source
from seollem.training.errors import DataError
from seollem.training.files.skipped import Skipped

DATASETS = {"fer2013": "deadskull7/fer2013", "affectnet": "mstjebashazida/affectnet"}
# What is published of a data set (Goodfellow et al. 2013), for copies that should be all of it.
FER2013_FACES = {
    "anger": 4953,
    "disgust": 547,
    "fear": 5121,
    "happiness": 8989,
    "sadness": 6077,
    "surprise": 4002,
    "neutral": 6198,
}
PUBLISHED: Mapping[str, Mapping[str, int]] = {
    "deadskull7/fer2013": FER2013_FACES,
    "msambare/fer2013": FER2013_FACES,
}
RECORD_FILE = "download.json"


def _datasets(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each source, which names its data set."""
    for source in SOURCES:
        command = click.option(
            f"--{source}",
            default=DATASETS[source],
            show_default=True,
            metavar="OWNER/DATASET",
            help=f"Kaggle's data set of {NAMES[source]}",
        )(command)
    return command


@click.command(cls=Command, help=__doc__)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@_datasets
@click.option("--out", type=PATH, required=True, help="folder of the data sets' folders")
def main(sources: tuple[str, ...], out: Path, **datasets: str) -> None:
    unknown = [source for source in sources if source not in SOURCES]
    if unknown:
        raise DataError(f"There is no source {unknown[0]!r}; there are {' and '.join(SOURCES)}.")
    kaggle: Kaggle | None = None
    for source in sources or SOURCES:
        dataset, folder = datasets[source], out / source
        if _is_whole(folder, dataset):
            print(f"{NAMES[source]}: {dataset} is in {folder} already.")
        else:
            kaggle = kaggle or Kaggle()
            _fetch(kaggle, dataset, folder)
        print(count_classes(source, dataset, folder))


def count_classes(source: str, dataset: str, folder: Path) -> str:
    """A data set's faces by emotion, as Markdown.

    Raises:
        DataError: an emotion has no face, or another number of faces than was published.
    """
    skipped = Skipped()
    rows = read_source(source, folder, skipped)
    check_classes(rows)
    counts = Counter(row.label for row in rows)
    published = PUBLISHED.get(dataset, {})
    wrong = [
        f"{label} {counts[label]:,} instead of {number:,}"
        for label, number in published.items()
        if counts[label] != number
    ]
    if wrong:
        raise DataError(
            f"{folder} is not all of {NAMES[source]}: {', '.join(wrong)}. "
            f"Remove the folder and give the same command again. {skipped.summary()}"
        )
    lines = [f"| {NAMES[source]} | faces |", "|---|---:|"]
    lines += [f"| {label} | {counts[label]:,} |" for label in ANNOTATORS[source]]
    lines.append(f"| all | {len(rows):,} |")
    return "\n".join(lines + ([skipped.summary()] if skipped else []))


def _fetch(kaggle: Kaggle, dataset: str, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    archive = kaggle.fetch(dataset, folder.parent)
    sizes = {
        file.relative_to(folder).as_posix(): file.stat().st_size for file in unpack(archive, folder)
    }
    record = {"dataset": dataset, "files": sizes}
    (folder / RECORD_FILE).write_text(json.dumps(record) + "\n", "utf-8")
    archive.unlink()


def _is_whole(folder: Path, dataset: str) -> bool:
    """Whether every file that a finished download left is there, and as long as it was."""
    try:
        record = json.loads((folder / RECORD_FILE).read_text("utf-8"))
        fetched, sizes = record["dataset"], record["files"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    if fetched != dataset:
        raise DataError(f"{folder} holds {fetched}. Remove it, or choose another --out.")
    files = ((folder / name, size) for name, size in sizes)
    return all(file.is_file() and file.stat().st_size == size for file, size in files)
