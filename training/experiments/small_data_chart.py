"""The small-data experiment's curves beside the original study's figures → PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

COLOURS = {"training": "#2563eb", "held-out": "#d97706"}
STUDY_COLOUR = "#6b7280"


def draw_small_data(
    curves: Sequence[Mapping[str, float]], study: Mapping[str, tuple[float, float]], out: Path
) -> None:
    """Draw loss and accuracy by epoch; ``study``: metric → its figure at the start, at the end."""
    epochs = [line["epoch"] for line in curves]
    figure = Figure(figsize=(9, 3.6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, metric in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for rows, colour in COLOURS.items():
            values = [line[f"{rows} {metric}"] for line in curves]
            axes.plot(epochs, values, color=colour, label=f"{rows} images")
            axes.annotate(
                f"{values[-1]:.2f}",
                (epochs[-1], values[-1]),
                (4, -3),
                color=colour,
                textcoords="offset points",
                fontsize=8,
            )
        axes.plot(
            (epochs[0], epochs[-1]),
            study[metric],
            "o:",
            color=STUDY_COLOUR,
            label="original study, training set: first and last",
        )
        axes.set(title=metric.capitalize(), xlabel="epoch", ylim=(0, None))
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.savefig(out)
