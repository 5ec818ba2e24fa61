"""How many faces each emotion has: as a table, and as a chart."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seollem.scoring.emotions import display_name
from seollem.training.data.faces import ANNOTATORS, CLASSES, FaceSet, Split
from seollem.vision.style import AMBER, BLUE, PAPER, font, report, style_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS = {
    Split.TRAINING: "training",
    Split.PUBLIC: "public (validation)",
    Split.PRIVATE: "private (test)",
}
SOURCES = {"fer2013": ("FER-2013", BLUE), "affectnet": ("AffectNet", AMBER)}


def balance_table(faces: FaceSet) -> str:
    """How many rows each label has in each split, by every annotator, as Markdown."""
    lines = [
        "| annotator | label | training | public | leaked | private | leaked |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for annotator in faces.annotators:
        truth = faces.truth(annotator)
        for number, label in enumerate(ANNOTATORS[annotator]):
            has = truth == number
            cells = [int(np.sum(has & (faces.splits == Split.TRAINING)))]
            for split in (Split.PUBLIC, Split.PRIVATE):
                within = has & (faces.splits == split)
                cells += [int(within.sum()), int((within & faces.leaked).sum())]
            lines.append(f"| {annotator} | {label} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def draw_balance(faces: FaceSet, out: Path) -> None:
    """Draw the classes that batches are balanced over, by source and split, as PNG."""
    figure, panels = report(11, 3.8, columns=len(PANELS), sharey=True)
    for axes, split in zip(panels, PANELS, strict=True):
        _draw_split(axes, faces.split(split))
        axes.set_title(f"{PANELS[split]}: {np.sum(faces.splits == split):,}", fontsize=9)
    named = {
        name: handle
        for panel in figure.axes
        for handle, name in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        named.values(), named, loc="outside lower center", ncols=3, fontsize=8, frameon=False
    )
    figure.savefig(out)


def _draw_split(axes: "Axes", faces: FaceSet) -> None:
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    places = np.arange(len(CLASSES))
    left = np.zeros(len(CLASSES), np.int64)
    parts = [
        (name, colour, (faces.truth(source) >= 0) & ~faces.leaked)
        for source, (name, colour) in SOURCES.items()
    ]
    for name, colour, mask in (*parts, ("leaked", PAPER.faint, faces.leaked)):
        if mask.any():
            counts = np.bincount(faces.classes[mask], minlength=len(CLASSES))
            axes.barh(places, counts, left=left, color=colour, label=name, height=0.7)
            left += counts
    widest = max(1, int(left.max()))
    for place, count in zip(places, left, strict=True):
        axes.annotate(f"{count:,}", (count, place), (3, 0), textcoords="offset points",
                      va="center", fontsize=7)  # fmt: skip
    names = [f"{display_name(label, 'ko')}  {label}" for label in CLASSES]
    axes.set_yticks(places, names, fontproperties=font(8))
    axes.invert_yaxis()
    axes.set_xlim(0, widest * 1.18)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.tick_params(axis="x", labelsize=7)
    axes.tick_params(axis="y", length=0)
    style_axes(axes, grid="x", frame=("bottom",))
