"""The small-data experiment's curves beside the original study's figures → PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from seollem.vision.style import AMBER, BLUE, PAPER, mark_value, report, style_axes

COLOURS = {"training": BLUE, "held-out": AMBER}


def draw_small_data(
    curves: Sequence[Mapping[str, float]], study: Mapping[str, tuple[float, float]], out: Path
) -> None:
    """Draw loss and accuracy by epoch; ``study``: metric → its figure at the start, at the end."""
    epochs = [line["epoch"] for line in curves]
    figure, panels = report(9, 3.6, columns=2)
    for axes, metric in zip(panels, ("loss", "accuracy"), strict=True):
        for rows, colour in COLOURS.items():
            values = [line[f"{rows} {metric}"] for line in curves]
            axes.plot(epochs, values, color=colour, label=f"{rows} images")
            mark_value(axes, epochs[-1], values[-1], f"{values[-1]:.2f}", colour)
        axes.plot(
            (epochs[0], epochs[-1]),
            study[metric],
            "o:",
            color=PAPER.faint,
            label="original study, training set: first and last",
        )
        axes.set(title=metric.capitalize(), xlabel="epoch", ylim=(0, None))
        style_axes(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.savefig(out)
