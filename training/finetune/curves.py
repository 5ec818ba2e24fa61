"""Learning curves: a run's metrics → PNG."""

import json
from pathlib import Path

from matplotlib.ticker import MaxNLocator

from seollem.vision.style import (
    AMBER,
    BLUE,
    GREEN,
    PAPER,
    RED,
    VIOLET,
    mark_value,
    report,
    style_axes,
)

CURVES = {
    "ferplus": ("FERPlus", BLUE, "-"),
    "fer2013": ("FER-2013", RED, "-"),
    "ferplus_uar": ("FERPlus, UAR", BLUE, ":"),
    "fer2013_uar": ("FER-2013, UAR", RED, ":"),
    "affectnet": ("AffectNet", VIOLET, "-"),
    "affectnet_uar": ("AffectNet, UAR", VIOLET, ":"),
    "synonyms_en": ("unseen English words", GREEN, "--"),
    "synonyms_ko": ("unseen Korean words", AMBER, "--"),
}


def draw_curves(metrics: Path, out: Path) -> None:
    """Draw loss and validation figures by epoch; ``metrics`` is a run's metrics.jsonl."""
    epochs = [json.loads(line) for line in metrics.read_text("utf-8").splitlines()]
    numbers = [epoch["epoch"] for epoch in epochs]
    figure, (loss, validation) = report(9, 3.6, columns=2, width_ratios=(1, 1.6))
    loss.plot(numbers, [epoch["loss"] for epoch in epochs], color=PAPER.ink)
    loss.set(title="Training loss", xlabel="epoch")
    for key, (name, colour, style) in CURVES.items():
        if key not in epochs[-1]:
            continue
        values = [epoch[key] for epoch in epochs]
        validation.plot(numbers, values, style, color=colour, label=name)
        mark_value(validation, numbers[-1], values[-1], f"{values[-1]:.3f}", colour)
    validation.set(title="PublicTest, averaged weights", xlabel="epoch")
    validation.legend(fontsize=7, loc="center right", bbox_to_anchor=(1.0, 0.35))
    for axes in (loss, validation):
        style_axes(axes)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.savefig(out)
