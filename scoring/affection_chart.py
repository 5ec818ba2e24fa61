"""Emotions on the axis of affection, as a PNG: the greatest weight on top."""

from collections.abc import Mapping
from pathlib import Path

from seollem.scoring.emotions import FACE_EMOTIONS, display_name
from seollem.vision.style import CARD, ROSE, SKY, canvas, font, style_axes

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
    labels = sorted(weights, key=lambda label: weights[label])
    figure = canvas(_WIDTH, _HEAD + _FOOT + _ROW * len(labels), CARD, dpi=110)
    height = figure.get_figheight()
    bottom, top = _FOOT / height, 1 - _HEAD / height
    axes = figure.add_axes((0.36, bottom, 0.6, top - bottom), facecolor="none")
    values = [weights[label] for label in labels]
    axes.barh(
        range(len(labels)), values, height=0.62, color=[ROSE if v > 0 else SKY for v in values]
    )
    for row, value in enumerate(values):
        number = f"{value:+.2f}"
        axes.text(_NUMBERS, row, number, color=CARD.faint, va="center", fontproperties=font(6.5))
    if reference:
        rows = [row for row, label in enumerate(labels) if label in reference]
        marks = [reference[labels[row]] for row in rows]
        axes.scatter(marks, rows, s=16, facecolors="none", edgecolors=CARD.ink, linewidths=0.8)
    axes.axvline(0, color=CARD.faint, linewidth=0.8)
    axes.set(xlim=(-1.1, 1.3), ylim=(-0.8, len(labels) - 0.2))
    axes.set_yticks(range(len(labels)), [_name(label) for label in labels])
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["-1", "", "0", "", "1"])
    style_axes(axes, CARD, grid="x", frame=())
    axes.tick_params(length=0, colors=CARD.ink)
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_fontproperties(font(7.5))
    title = "호감의 축: how near each emotion is to affection"
    figure.text(0.03, top, title, color=CARD.ink, va="bottom", fontproperties=font(11))
    if reference:
        note = "○ KOTE co-occurrence"
        figure.text(
            0.97, top, note, color=CARD.faint, ha="right", va="bottom", fontproperties=font(7)
        )
    figure.savefig(out)


def _name(label: str) -> str:
    if label in FACE_EMOTIONS:
        return f"{display_name(label, 'ko')} · {label} (face)"
    english = display_name(label, "en")
    korean = display_name(label, "ko")
    return korean if english in (label, korean) else f"{korean} · {english}"
