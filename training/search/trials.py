"""What a search found: a table, a csv file, a chart, and the best settings to train again."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seollem.training.errors import SettingsError, TrainingError
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.runs.folder import replacing
from seollem.training.search.space import SPACE, Drawn, LogUniform, apply
from seollem.vision.style import BLUE, RED, report, style_axes

CSV_FILE = "trials.csv"
CHART_FILE = "trials.png"
BEST_FILE = "best.json"
COLUMNS = ("score", "ferplus", "fer2013", "affectnet", "epochs")


@dataclass(frozen=True, slots=True)
class Trial:
    """One training of a search.

    Attributes:
        number: from 0 on.
        drawn: its settings.
        figures: of its last epoch on validation; empty where the loss diverged.
    """

    number: int
    drawn: Drawn
    figures: dict[str, float]

    @property
    def score(self) -> float:
        return self.figures.get("score", 0.0)

    def cells(self) -> list[str]:
        """One row of the table: number, settings, figures."""
        measured = dict(self.figures) | {"epochs": self.figures.get("epoch", 0)}
        shown = [f"{self.drawn[name]:.3g}" for name in SPACE]
        return [str(self.number), *shown, *(f"{measured.get(name, 0):.4g}" for name in COLUMNS)]


def check_count(trials: int) -> None:
    """Raises SettingsError where a search is to have no trial."""
    if trials < 1:
        raise SettingsError(f"--trials is {trials}; 1 is the least.")


def ranked(trials: Sequence[Trial]) -> list[Trial]:
    """Best first.

    Raises:
        TrainingError: every trial diverged.
    """
    if not any(trial.figures for trial in trials):
        raise TrainingError("No trial of this search came to a figure. Lower the rates.")
    return sorted(trials, key=lambda trial: -trial.score)


def table(trials: Sequence[Trial]) -> str:
    """The trials as Markdown, best first."""
    header = ["trial", *SPACE, *COLUMNS]
    rows = [header, ["---:"] * len(header), *(trial.cells() for trial in ranked(trials))]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write_trials(trials: Sequence[Trial], base: FinetuneConfig, out: Path) -> None:
    """Write csv, chart and best settings; ``finetune --settings`` takes the last."""
    best = ranked(trials)[0]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["trial", *SPACE, *COLUMNS])
    writer.writerows(trial.cells() for trial in trials)
    settings = apply(best.drawn, base).as_dict()
    with replacing(out) as folder:
        (folder / CSV_FILE).write_text(text.getvalue(), "utf-8")
        (folder / BEST_FILE).write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
        draw_trials(trials, folder / CHART_FILE)


def draw_trials(trials: Sequence[Trial], out: Path) -> None:
    """A panel for each setting: its values against the trials' scores, the best one marked."""
    finished = [trial for trial in ranked(trials) if trial.figures]
    figure, panels = report(9, 5, rows=2, columns=(len(SPACE) + 1) // 2, sharey=True)
    for axes, (name, kind) in zip(panels, SPACE.items(), strict=True):
        values = [trial.drawn[name] for trial in finished]
        scores = [trial.score for trial in finished]
        if isinstance(kind, LogUniform):
            axes.set_xscale("log")
            marks = [kind.low, (kind.low * kind.high) ** 0.5, kind.high]
            axes.set_xticks(marks, [f"{mark:.2g}" for mark in marks])
            axes.set_xticks([], minor=True)
            axes.set_xlim(kind.low * 0.8, kind.high * 1.25)
        else:
            values = [kind.values.index(int(value)) for value in values]
            axes.set_xticks(range(len(kind.values)), [str(value) for value in kind.values])
            axes.set_xlim(-0.5, len(kind.values) - 0.5)
        axes.scatter(values, scores, s=18, color=BLUE, alpha=0.7, linewidths=0)
        axes.scatter(values[:1], scores[:1], s=60, color=RED, marker="*", label="best")
        axes.set_xlabel(name.replace("_", " "))
        style_axes(axes)
    for axes in panels[:: len(panels) // 2]:
        axes.set_ylabel("validation score")
    panels[0].legend(fontsize=7, loc="lower right")
    figure.savefig(out)
