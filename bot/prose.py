"""Outcomes as people read them in a terminal. Pure: an outcome and a style in, text out."""

import json
from collections.abc import Iterable, Sequence

from bot.charts import running_affection
from bot.failures import answer
from bot.locales import text
from bot.outcomes import (
    Explained,
    Exported,
    Failed,
    HistoryShown,
    Left,
    MoodShown,
    Outcome,
    Said,
    Scored,
)
from bot.terminal import Style, bar, columns, pad, text_chart, wrap
from scoring.affection import percent
from scoring.emotions import display_name
from scoring.turns import Mood, Turn
from vision.readings import Emotions

_SHOWN = 4  # emotions of a reading; the others are noise to most people
_SEEN = 0.005  # a probability that is more than 0% when rounded


def as_text(outcome: Outcome, style: Style) -> str:
    """The outcome in a few lines, without a newline at the end."""
    match outcome:
        case Scored():
            lines = _scored(outcome, style)
        case MoodShown(mood, turns):
            lines = _mood(mood, turns, style)
        case HistoryShown(_, turns):
            lines = _history(turns, style)
        case Explained():
            lines = _explained(outcome, style)
        case Said(words):
            lines = [style.markdown(words)]
        case Exported(data):
            lines = [json.dumps(data, ensure_ascii=False, indent=2)]
        case Left():
            lines = []
        case Failed(_, error):
            lines = [style.markdown(answer(error, style.locale))]
    return "\n".join(lines)


def _scored(outcome: Scored, style: Style) -> list[str]:
    emotions, faces = outcome.reading.face.emotions, len(outcome.reading.faces)
    if outcome.reading.face.is_conclusive:
        leading = _name(emotions.top(1).labels[0], style)
        said = [style.markdown(text("selfie.leading", style.locale, emotion=leading))]
    else:
        said = [style.markdown(text("selfie.inconclusive", style.locale))]
    if faces > 1:
        said.append(text("selfie.faces", style.locale, count=faces))
    affection = text("selfie.affection", style.locale)
    conversation = text("selfie.conversation", style.locale)
    width = _width((affection, conversation))
    return [
        *said,
        *_probabilities(emotions, style),
        "",
        f"{pad(affection, width)}  {_points(outcome.turn.affection, style)}",
        f"{pad(conversation, width)}  {_points(outcome.mood.affection, style)}",
    ]


def _mood(mood: Mood | None, turns: Sequence[Turn], style: Style) -> list[str]:
    if mood is None or not turns:
        return [wrap(text("chat.no_mood", style.locale))]
    running = [percent(affection) for affection in running_affection(turns, mood)]
    moved = " · ".join(
        f"{_name(c.label, style)} {_signed(c.share)}" for c in mood.contributions[:3]
    )
    return [
        f"{text('mood.affection', style.locale)} {_points(mood.affection, style)} · "
        + text("chat.turns", style.locale, count=mood.turns),
        *text_chart([turn.percent for turn in turns], running, style),
        style.dim(text("chat.legend", style.locale)),
        f"{text('mood.contributions', style.locale)}: {moved}",
    ]


def _history(turns: Sequence[Turn], style: Style) -> list[str]:
    if not turns:
        return [wrap(text("chat.no_mood", style.locale))]
    names = [_name(turn.emotions.top(1).labels[0], style) for turn in turns]
    width = _width(names)
    return [
        f"{turn.number:>4}  {turn.at.astimezone():%m-%d %H:%M}  {pad(name, width)}  "
        f"{_points(turn.affection, style)}"
        for turn, name in zip(turns, names, strict=True)
    ]


def _explained(outcome: Explained, style: Style) -> list[str]:
    shares = sorted(
        (item for item in outcome.shares().items() if outcome.turn.emotions[item[0]] >= _SEEN),
        key=lambda item: -abs(item[1]),
    )
    width = _width(_name(label, style) for label, _ in shares)
    number, locale = outcome.turn.number, style.locale
    after = percent(outcome.mood.affection)
    if outcome.before is None:
        moved = text("chat.why_first", locale, after=f"{after:.0f}")
    else:
        before = f"{percent(outcome.before):.0f}"
        moved = text("chat.why_moved", locale, before=before, after=f"{after:.0f}")
    return [
        style.bold(text("chat.why_turn", locale, number=number)),
        *(
            f"  {pad(_name(label, style), width)} {outcome.turn.emotions[label]:>4.0%}"
            f" × {outcome.weights[label]:+.2f}  →  {style.pink(_signed(share))}"
            for label, share in shares
        ),
        f"  50 {_signed(outcome.turn.affection)} = {style.pink(f'{outcome.turn.percent:.0f}')}",
        wrap(moved),
        style.dim(wrap(text("chat.why_note", locale))),
    ]


def _probabilities(emotions: Emotions, style: Style) -> list[str]:
    shown = {_name(label, style): p for label, p in emotions.top(_SHOWN).items() if p >= _SEEN}
    width = _width(shown)
    return [f"  {pad(name, width)} {p:>4.0%} {style.pink(bar(p))}" for name, p in shown.items()]


def _points(affection: float, style: Style) -> str:
    """Affection in [-1, 1] with a bar and as points of 100."""
    points = text("mood.percent", style.locale, percent=f"{percent(affection):.0f}")
    return f"{style.pink(pad(bar(percent(affection) / 100), 20))} {points}"


def _signed(share: float) -> str:
    """A share of affection in points of the 0–100 scale, with its sign."""
    points = round(percent(share) - percent(0.0), 1)
    return f"{points + 0.0:+.1f}"  # + 0.0: no minus before a zero


def _name(label: str, style: Style) -> str:
    return display_name(label, style.locale)


def _width(names: Iterable[str]) -> int:
    return max(map(columns, names), default=0)
