"""Learning curves: a run's metrics → PNG."""

import json
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

CURVES = {
    "ferplus": ("FERPlus", "#2563eb", "-"),
    "fer2013": ("FER-2013", "#dc2626", "-"),
    "ferplus_uar": ("FERPlus, UAR", "#2563eb", ":"),
    "fer2013_uar": ("FER-2013, UAR", "#dc2626", ":"),
    "affectnet": ("AffectNet", "#7c3aed", "-"),
    "affectnet_uar": ("AffectNet, UAR", "#7c3aed", ":"),
    "synonyms_en": ("unseen English words", "#059669", "--"),
    "synonyms_ko": ("unseen Korean words", "#d97706", "--"),
}


def draw_curves(metrics: Path, out: Path) -> None:
    """Draw loss and validation figures by epoch; ``metrics`` is a run's metrics.jsonl."""
    epochs = [json.loads(line) for line in metrics.read_text("utf-8").splitlines()]
    numbers = [epoch["epoch"] for epoch in epochs]
    figure = Figure(figsize=(9, 3.6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    loss, validation = figure.subplots(1, 2, width_ratios=(1, 1.6))
    loss.plot(numbers, [epoch["loss"] for epoch in epochs], color="#111827")
    loss.set(title="Training loss", xlabel="epoch")
    for key, (name, colour, style) in CURVES.items():
        if key not in epochs[-1]:
            continue
        values = [epoch[key] for epoch in epochs]
        validation.plot(numbers, values, style, color=colour, label=name)
        validation.annotate(
            f"{values[-1]:.3f}",
            (numbers[-1], values[-1]),
            (4, -3),
            color=colour,
            textcoords="offset points",
            fontsize=7,
        )
    validation.set(title="PublicTest, averaged weights", xlabel="epoch")
    validation.legend(fontsize=7, loc="center right", bbox_to_anchor=(1.0, 0.35))
    for axes in (loss, validation):
        axes.grid(alpha=0.25)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(out)
