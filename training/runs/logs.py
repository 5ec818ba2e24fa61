"""Logs of a run: loss and learning rate of every step, figures of every save."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from seollem.training.errors import MissingExtra
from seollem.training.files.disk import replacing_file

CSV_FILE = "log.csv"
TENSORBOARD_FOLDER = "tensorboard"
KINDS = ("csv", "tensorboard")


class Log(Protocol):
    """A writer of numbers by step."""

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """Add figures of a step."""

    def flush(self) -> None:
        """Write what was added."""


class CsvLog:
    """``log.csv`` with the columns step, name, value; the file is complete at any time.

    Args:
        folder: the run's.
        step: where the run continues; later rows, of an interrupted epoch, are dropped.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._path = folder / CSV_FILE
        self._rows: list[tuple[int, str, float]] = []
        if self._path.is_file():
            with self._path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    self._rows.append((int(row["step"]), row["name"], float(row["value"])))
        self._rows = [row for row in self._rows if row[0] <= step]

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        self._rows.extend((step, name, value) for name, value in figures.items())

    def flush(self) -> None:
        with (
            replacing_file(self._path) as partial,
            partial.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["step", "name", "value"])
            writer.writerows(self._rows)


class TensorBoardLog:
    """Event files that ``tensorboard --logdir RUN`` shows; arguments as for ``CsvLog``.

    Raises:
        MissingExtra: TensorBoard is not installed.
    """

    def __init__(self, folder: Path, step: int) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise MissingExtra(
                "This log needs TensorBoard: pip install 'seollem[train]', or take --logger csv"
            ) from error
        self._writer = SummaryWriter(str(folder / TENSORBOARD_FOLDER), purge_step=step + 1)

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def flush(self) -> None:
        self._writer.flush()


def open_log(kind: str, folder: Path, step: int) -> Log:
    """The log of this kind, one of KINDS."""
    return CsvLog(folder, step) if kind == "csv" else TensorBoardLog(folder, step)
