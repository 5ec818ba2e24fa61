"""Confusion matrices and reliability diagrams → PNG."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seollem.training.files.disk import replacing_file
from seollem.training.measure.evaluators import SETS, Predictions
from seollem.training.measure.metrics import ECE_BINS, calibration_error, confusion, reliability
from seollem.vision.style import BLUE, PAPER, report, style_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_confusion(predictions: Predictions, out: Path) -> None:
    """Shares of each true label's faces by what was read, in percent, with the labels' counts."""
    counts = confusion(predictions.probabilities, predictions.truth)
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, None]
    size = len(predictions.labels)
    figure, (axes,) = report(1.2 + 0.62 * size, 0.8 + 0.58 * size)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(size), predictions.labels, rotation=35, ha="right", fontsize=8)
    names = [f"{label} ({n})" for label, n in zip(predictions.labels, totals, strict=True)]
    axes.set_yticks(range(size), names, fontsize=8)
    title = f"{SETS[predictions.annotator]}: percent of each true label's faces"
    axes.set_title(title, fontsize=10)
    axes.set(xlabel="read as", ylabel="true label (faces)")
    for (row, column), share in np.ndenumerate(shares):
        if counts[row, column]:
            colour = "white" if share > 0.55 else PAPER.ink
            axes.text(
                column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour, size=8
            )
    style_axes(axes, grid=None, frame=())
    axes.tick_params(length=0)
    _save(figure, out)


def draw_reliability(predictions: Predictions, out: Path) -> None:
    """How often a reading of some confidence is right, and how common such readings are."""
    confidence, right, share = reliability(predictions.probabilities, predictions.truth)
    width = 1 / ECE_BINS
    figure, (axes,) = report(4.4, 4.0)
    axes.plot((0, 1), (0, 1), "--", color=PAPER.faint, linewidth=1)
    axes.plot(confidence, right, "o-", color=BLUE, markersize=4, label="share that is right")
    left = np.floor(confidence * ECE_BINS).clip(max=ECE_BINS - 1) * width
    axes.bar(left, share, width, align="edge", color=BLUE, alpha=0.18, label="share of readings")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", aspect="equal")
    error = calibration_error(predictions.probabilities, predictions.truth)
    axes.set_title(f"{SETS[predictions.annotator]}: ECE {error:.3f}", fontsize=10)
    axes.legend(loc="upper left", frameon=False, fontsize=8)
    style_axes(axes)
    _save(figure, out)


def _save(figure: "Figure", out: Path) -> None:
    with replacing_file(out) as partial:
        figure.savefig(partial, format="png")
