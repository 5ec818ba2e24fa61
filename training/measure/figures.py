"""Figures with their 95% bootstrap intervals, in rows of a table."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seollem.training.files.disk import replacing_file

RESAMPLES = 1000
LEVEL = 0.95

# Row numbers, some of them several times → (metric, value) of those rows.
Evaluator = Callable[[NDArray[np.int64]], Iterable[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and an interval about it; without one, all three are equal."""

    value: float
    low: float
    high: float

    @classmethod
    def exact(cls, value: float) -> "Figure":
        """A value without an interval: calculated, or somebody else's."""
        return cls(value, value, value)

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of ``n`` faces, None where that is not known; each metric's value is in [0, 1]."""

    group: str
    name: str
    n: int | None
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is to be measured on ``n`` faces."""

    group: str
    name: str
    n: int
    evaluator: Evaluator


def measure(measurement: Measurement, *, seed: int = 0) -> Row:
    """A measurement's figures, with percentile intervals over 1,000 resamples (Efron 1979).

    The resamples are centred on the figure itself: they count some faces twice, which ECE takes
    for miscalibration.
    """
    random = np.random.default_rng(seed)
    values = dict(measurement.evaluator(np.arange(measurement.n)))
    drawn = [
        dict(measurement.evaluator(random.integers(measurement.n, size=measurement.n)))
        for _ in range(RESAMPLES)
    ]
    figures = {
        metric: _figure(value, np.array([own[metric] for own in drawn]))
        for metric, value in values.items()
    }
    return Row(measurement.group, measurement.name, measurement.n, figures)


def measure_runs(measurements: Sequence[Measurement]) -> Row:
    """One measurement of several training runs: means, between the least and the greatest."""
    measurement = measurements[0]
    runs = [dict(run.evaluator(np.arange(run.n))) for run in measurements]
    values = {metric: [run[metric] for run in runs] for metric in runs[0]}
    return Row(
        measurement.group,
        measurement.name,
        measurement.n,
        {metric: Figure(sum(v) / len(v), min(v), max(v)) for metric, v in values.items()},
    )


def _figure(value: float, resampled: NDArray[np.float64]) -> Figure:
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(resampled - resampled.mean() + value, (tail, 100 - tail)).clip(0, 1)
    return Figure(value, min(float(low), value), max(float(high), value))


def print_tables(rows: Iterable[Row]) -> Iterator[Row]:
    """Print rows as Markdown while they come, a new header where their metrics change."""
    for metrics, group in groupby(rows, key=lambda row: tuple(row.figures)):
        print("\n| set | rows of it | n | " + " | ".join(metrics) + " |")
        print("|---|---|---:|" + "---:|" * len(metrics))
        for row in group:
            cells = " | ".join(map(str, row.figures.values()))
            print(f"| {row.group} | {row.name} | {row.n or '–'} | {cells} |", flush=True)
            yield row


def write_json(path: Path, rows: Sequence[Row], **about: object) -> None:
    """Write the same figures for programs."""
    report = {**about, "figures": [asdict(row) for row in rows]}
    with replacing_file(path) as partial:
        partial.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
