"""Emotions on the axis of affection, as a PNG: the greatest weight on top."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seollem.scoring.emotions import FACE_EMOTIONS, display_name
from seollem.vision.drawing import FONT

_CARD, _GRID, _INK, _FAINT = "#26212f", "#40384d", "#f4eff8", "#b3a9c0"
_WARM, _COLD = "#ff7aa8", "#5b8def"
_ROW = 0.19  # inches an emotion takes
_WIDTH, _HEAD, _FOOT = 7.2, 0.45, 0.3  # inches
_NUMBERS = 1.1  # where on the axis the weights stand in figures


def draw_affection_axis(
    weights: Mapping[str, float], out: Path, *, reference: Mapping[str, float] | None = None
) -> None:
    """Draw a bar an emotion; a ring marks the reference's weight, where it has one.

    Args:
        weights: label → weight in [-1, 1].
        out: the PNG to write.
        reference: label → weight on the same scale.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    labels = sorted(weights, key=lambda label: weights[label])
    figure = Figure(figsize=(_WIDTH, _HEAD + _FOOT + _ROW * len(labels)), dpi=110, facecolor=_CARD)
    FigureCanvasAgg(figure)
    height = figure.get_figheight()
    bottom, top = _FOOT / height, 1 - _HEAD / height
    axes = figure.add_axes((0.36, bottom, 0.6, top - bottom), facecolor="none")
    values = [weights[label] for label in labels]
    axes.barh(
        range(len(labels)), values, height=0.62, color=[_WARM if v > 0 else _COLD for v in values]
    )
    for row, value in enumerate(values):
        number = f"{value:+.2f}"
        axes.text(_NUMBERS, row, number, color=_FAINT, va="center", fontproperties=_font(6.5))
    if reference:
        rows = [row for row, label in enumerate(labels) if label in reference]
        marks = [reference[labels[row]] for row in rows]
        axes.scatter(marks, rows, s=16, facecolors="none", edgecolors=_INK, linewidths=0.8)
    axes.axvline(0, color=_FAINT, linewidth=0.8)
    axes.set(xlim=(-1.1, 1.3), ylim=(-0.8, len(labels) - 0.2))
    axes.set_yticks(range(len(labels)), [_name(label) for label in labels])
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["-1", "", "0", "", "1"])
    axes.grid(axis="x", color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, colors=_INK)
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_fontproperties(_font(7.5))
    title = "호감의 축: how near each emotion is to affection"
    figure.text(0.03, top, title, color=_INK, va="bottom", fontproperties=_font(11))
    if reference:
        note = "○ KOTE co-occurrence"
        figure.text(0.97, top, note, color=_FAINT, ha="right", va="bottom", fontproperties=_font(7))
    figure.savefig(out)


def _name(label: str) -> str:
    if label in FACE_EMOTIONS:
        return f"{display_name(label, 'ko')} · {label} (face)"
    english = display_name(label, "en")
    korean = display_name(label, "ko")
    return korean if english in (label, korean) else f"{korean} · {english}"


def _font(size: float) -> Any:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(FONT), size=size)
