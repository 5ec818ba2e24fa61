"""Outcomes as people read them in a terminal. Pure: an outcome and a style in, text out."""

import json
from collections.abc import Sequence
from itertools import islice

from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from seollem.bot.charts import running_affection
from seollem.bot.terminal.outcomes import (
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
from seollem.bot.terminal.screen import PINK, Style, bar, text_chart, wrap
from seollem.bot.wording.failures import answer
from seollem.bot.wording.halves import unread_half
from seollem.bot.wording.locales import text
from seollem.bot.wording.names import by_name, emotion_name_in, leading_key, signed
from seollem.bot.wording.why import mood_sentence, rows, turn_sentence, weights_sentence
from seollem.scoring.affection import percent
from seollem.scoring.explanations import Explanation
from seollem.scoring.turns import Mood, Turn

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
        case Explained(why):
            lines = _explained(why, style)
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
    reading, turn, locale = outcome.reading, outcome.turn, style.locale
    if reading.is_conclusive:
        leading = emotion_name_in(turn, turn.leading, locale)
        said = [style.markdown(text(leading_key(turn), locale, emotion=leading))]
    else:
        said = [style.markdown(text(f"{turn.source}.inconclusive", locale))]
    if outcome.problem is not None:
        said.append(style.markdown(unread_half(outcome.problem, reading.source, locale)))
    if reading.selfie and len(reading.selfie.faces) > 1:
        said.append(text("selfie.faces", locale, count=len(reading.selfie.faces)))
    if reading.face_part is not None:
        said.append(wrap(weights_sentence(reading.face_part, locale)))
    table = Table.grid(padding=(0, 1))
    table.add_row(text(f"{turn.source}.affection", locale), *_points(turn.affection, locale))
    table.add_row(text("reading.conversation", locale), *_points(outcome.mood.affection, locale))
    return [
        *said,
        _probabilities(turn, style),
        "",
        style.table(table),
    ]


def _mood(mood: Mood | None, turns: Sequence[Turn], style: Style) -> list[str]:
    if mood is None or not turns:
        return [wrap(text("chat.no_mood", style.locale))]
    running = [percent(affection) for affection in running_affection(turns, mood)]
    moved = " · ".join(
        f"{name} {signed(share)}" for name, share in by_name(mood.contributions, style.locale)[:3]
    )
    filled, points = _points(mood.affection, style.locale)
    counted = text("chat.turns", style.locale, count=mood.turns)
    table = Table.grid(padding=(0, 1))
    table.add_row(text("mood.affection", style.locale), filled, f"{points} · {counted}")
    return [
        style.table(table),
        *text_chart([turn.percent for turn in turns], running, style),
        style.dim(text("chat.legend", style.locale)),
        f"{text('mood.contributions', style.locale)}: {moved}",
    ]


def _history(turns: Sequence[Turn], style: Style) -> list[str]:
    if not turns:
        return [wrap(text("chat.no_mood", style.locale))]
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    for turn in turns:
        table.add_row(
            f"{turn.number:>4}",
            f"{turn.at.astimezone():%m-%d %H:%M}",
            text(f"source.{turn.source}", style.locale),
            emotion_name_in(turn, turn.leading, style.locale),
            *_points(turn.affection, style.locale),
        )
    return [style.table(table)]


def _explained(why: Explanation, style: Style) -> list[str]:
    locale, turn = style.locale, why.turn
    table = Table.grid(padding=(0, 1))
    for row in rows(why, locale):
        table.add_row(f"  {row.name}", row.product, " → ", Text(row.moved, PINK))
    source = text(f"source.{turn.source}", locale)
    return [
        style.bold(text("why.turn", locale, number=turn.number, source=source)),
        style.table(table),
        f"  50 {signed(turn.affection)} = {style.pink(f'{turn.percent:.0f}')}",
        wrap(turn_sentence(why, locale)),
        wrap(mood_sentence(why, locale)),
        style.dim(wrap(text("why.note", locale))),
    ]


def _probabilities(turn: Turn, style: Style) -> str:
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column(justify="right")
    for label, p in islice(turn.emotions.items(), _SHOWN):
        if p >= _SEEN:
            table.add_row(f"  {emotion_name_in(turn, label, style.locale)}", f"{p:.0%}", bar(p))
    return style.table(table)


def _points(affection: float, locale: str) -> tuple[Bar, str]:
    """Affection in [-1, 1] as a bar and as points of 100."""
    points = percent(affection)
    return bar(points / 100), text("mood.percent", locale, percent=f"{points:.0f}")
