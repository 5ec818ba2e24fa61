"""A history as a picture: affection by turn, and the conversation's affection as a line.

Synchronous and slow (tens of milliseconds, a second the first time): call it in a thread. Uses
Matplotlib's objects only, never pyplot, so several threads may draw at once.
"""

import io
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seollem.bot.wording.colours import colour_of
from seollem.scoring.affection import percent
from seollem.scoring.emotions import display_name
from seollem.scoring.turns import Mood, Turn
from seollem.vision.style import CARD, ROSE, canvas, font, style_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIZE = (4.0, 2.2)  # inches
_DPI = 200  # 800 × 440 px: Discord shows it 400 px wide, twice that on dense screens
_SMALL, _LARGE = 8.0, 19.0  # font sizes in points; 8 is 11 px at 400 px width

_LEGEND = 5  # emotions named below the chart
_MANY = 60  # turns; above, dots become a cloud

_TEXTS = {
    "en": {"turns": "{n:,} turns", "turn": "1 turn", "affection": "affection"},
    "ko": {"turns": "기록 {n:,}개", "turn": "기록 1개", "affection": "호감도"},
}


def running_affection(turns: Sequence[Turn], mood: Mood | None = None) -> tuple[float, ...]:
    """The conversation's affection in [-1, 1] after each of ``turns``.

    ``turns`` may be the end of a longer conversation: then ``mood``, its state after the last of
    them, tells what the earlier turns have left, and S ← S − t·A_t leads back through the others.
    Without a mood that fits, they are taken as a whole conversation.
    """
    if mood is not None and turns and mood.turns == turns[-1].number:
        numbers = [turn.number for turn in turns]
        weighted = mood.affection * mood.turns * (mood.turns + 1) / 2
    else:
        numbers = list(range(1, len(turns) + 1))
        weighted = sum(t * turn.affection for t, turn in zip(numbers, turns, strict=True))
    backwards = []
    for t, turn in zip(reversed(numbers), reversed(turns), strict=True):
        backwards.append(2 * weighted / (t * (t + 1)))
        weighted -= t * turn.affection
    return tuple(reversed(backwards))


def mood_chart(turns: Sequence[Turn], *, mood: Mood | None = None, locale: str) -> bytes:
    """Draw turns, oldest first, as a PNG of 800 × 440 px.

    Args:
        turns: one or more consecutive turns of a conversation.
        mood: the conversation's state after the last of them; needed where earlier turns are
            left out, see ``running_affection``.
        locale: "ko" or "en" (or begins so).

    Raises:
        ValueError: there are no turns.
    """
    if not turns:
        raise ValueError("a chart needs at least one turn")
    figure = canvas(*_SIZE, CARD, dpi=_DPI)
    figure.set_facecolor("none")  # beyond the card's round corners
    _draw_card(figure)
    axes = figure.add_axes((0.105, 0.235, 0.855, 0.52), facecolor="none")
    running = [percent(affection) for affection in running_affection(turns, mood)]
    _draw_axes(axes, turns)
    _draw_turns(axes, turns, running)
    _draw_words(figure, turns, running[-1], locale)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")  # drawn by Agg, with no display
    return picture.getvalue()


def _draw_card(figure: "Figure") -> None:
    from matplotlib.patches import FancyBboxPatch
    from matplotlib.transforms import IdentityTransform

    card = FancyBboxPatch(
        (0, 0),
        _SIZE[0] * _DPI,
        _SIZE[1] * _DPI,
        boxstyle="round,pad=0,rounding_size=24",
        transform=IdentityTransform(),  # pixels
        facecolor=CARD.ground,
        edgecolor="none",
        zorder=-1,
    )
    figure.add_artist(card)


def _draw_axes(axes: "Axes", turns: Sequence[Turn]) -> None:
    from matplotlib.ticker import MaxNLocator

    first, last = turns[0].number, turns[-1].number
    margin = max(0.5, 0.02 * (last - first))
    axes.set_xlim(first - margin, last + margin)
    axes.set_ylim(-4, 104)
    axes.set_yticks([0, 25, 50, 75, 100], ["0", "", "50", "", "100"])
    steps = MaxNLocator(nbins=6, integer=True, min_n_ticks=1).tick_values(first, last)
    axes.set_xticks([step for step in steps if first <= step <= last])
    style_axes(axes, CARD, grid="y", frame=())
    axes.tick_params(length=0, pad=4, colors=CARD.faint)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font(_SMALL))


def _draw_turns(axes: "Axes", turns: Sequence[Turn], running: Sequence[float]) -> None:
    numbers = [turn.number for turn in turns]
    is_cloud = len(turns) > _MANY
    axes.scatter(
        numbers,
        [turn.percent for turn in turns],
        s=4 if is_cloud else 26,
        c=[colour_of(turn.leading) for turn in turns],
        alpha=0.55 if is_cloud else 1.0,
        edgecolors=CARD.ground,
        linewidths=0.0 if is_cloud else 0.8,
        zorder=4,
        clip_on=False,
    )
    axes.fill_between(numbers, running, color=ROSE, alpha=0.14, linewidth=0, zorder=2)
    axes.plot(numbers, running, color=ROSE, linewidth=1.6, solid_capstyle="round", zorder=3)


def _draw_words(figure: "Figure", turns: Sequence[Turn], affection: float, locale: str) -> None:
    """The affection now, how many turns led to it, and the names of the commonest emotions."""
    texts = _TEXTS["ko" if locale.startswith("ko") else "en"]
    number = figure.text(0.04, 0.84, f"{affection:.0f}", color=ROSE, fontproperties=font(_LARGE))
    end = number.get_window_extent().x1 / (_SIZE[0] * _DPI)
    count = texts["turn" if turns[-1].number == 1 else "turns"].format(n=turns[-1].number)
    caption = f"/ 100 {texts['affection']} · {count}"
    figure.text(end + 0.015, 0.84, caption, color=CARD.ink, fontproperties=font(_SMALL))
    # Faces and messages have labels of their own, some of which are called the same.
    named = Counter(
        (display_name(turn.leading, locale), colour_of(turn.leading)) for turn in turns
    ).most_common(_LEGEND)
    commonest = [found for found, _ in named]
    while _draw_legend(figure, commonest) > 0.98 * _SIZE[0] * _DPI and len(commonest) > 1:
        figure.legends[0].remove()  # names too long to stand side by side
        commonest.pop()


def _draw_legend(figure: "Figure", named: Sequence[tuple[str, str]]) -> float:
    """A line of names behind dots of their colours; the pixel at which it ends."""
    from matplotlib.lines import Line2D

    legend = figure.legend(
        handles=[
            Line2D([], [], marker="o", markersize=4.5, linestyle="", color=colour)
            for _, colour in named
        ],
        labels=[name for name, _ in named],
        loc="lower left",
        ncols=len(named),
        frameon=False,
        prop=font(_SMALL),
        labelcolor=CARD.ink,
        handletextpad=0.0,
        columnspacing=1.2,
        borderpad=0.1,
        borderaxespad=0.0,
        bbox_to_anchor=(0.035, 0.035),
    )
    return float(legend.get_window_extent().x1)
