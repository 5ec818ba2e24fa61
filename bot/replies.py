"""From what was read and remembered to what people see: pure functions of data and a locale."""

from itertools import islice
from typing import TYPE_CHECKING

import discord

from seollem.bot.wording.consent import notice
from seollem.bot.wording.halves import unread_half
from seollem.bot.wording.locales import text
from seollem.bot.wording.names import by_name, emotion_name, emotion_name_in, leading_key, signed
from seollem.bot.wording.why import mood_sentence, rows, turn_sentence, weights_sentence
from seollem.scoring.explanations import Explanation
from seollem.scoring.fusion import NOTHING, Reading
from seollem.scoring.turns import Mood, Turn
from seollem.vision.style import CARD, ROSE

if TYPE_CHECKING:
    from seollem.bot.posts.reader import Scored

CHART = "mood.png"  # the name under which a mood's chart is attached

_ROSE, _GREY = discord.Colour.from_str(ROSE), discord.Colour.from_str(CARD.faint)
_BAR = 12  # cells of a full bar
_PRESENT = 3  # emotions named in one line
_SHOWN = 4  # emotions shown of a reading; the others are noise to most people
_VISIBLE = 0.01  # a share below one per cent is not shown
_STEADY = 0.05  # a trend smaller than this, in units of affection, is no trend
_TITLE = 200  # characters of a name in a title, whose limit is 256


def bar(share: float, cells: int = _BAR) -> str:
    """A bar of text for a share in [0, 1]; from one per cent on it shows at least one cell."""
    full = max(round(share * cells), 1 if share >= _VISIBLE else 0)
    return "▰" * full + "▱" * (cells - full)


def reading(
    turn: Turn,
    mood: Mood,
    locale: object,
    *,
    conclusive: bool,
    faces: int = 1,
    face_part: float | None = None,
    problem: str | None = None,
    name: str | None = None,
) -> discord.Embed:
    """What was read of a selfie, of words or of both, its affection, and the conversation's.

    Args:
        turn, mood: the recorded turn, and the conversation it belongs to.
        locale: of whoever reads this.
        conclusive: whether an emotion stands out enough to be named.
        faces: how many faces the picture has; the largest was read.
        face_part: how much the face counts for, in [0, 1], where words were read beside it.
        problem: why one half of a selfie with words gave no reading, where the other did.
        name: whose reading it is, when it is shown to others.
    """
    said = [
        text(leading_key(turn), locale, emotion=_emotion(turn, turn.leading, locale))
        if conclusive
        else text(f"{turn.source}.inconclusive", locale)
    ]
    if face_part is not None:
        said.append(weights_sentence(face_part, locale))
    if faces > 1:
        said.append(text("selfie.faces", locale, count=faces))
    if problem is not None:
        said.append(problem)
    embed = discord.Embed(
        title=_titled(f"{turn.source}.title", locale, name),
        description="\n".join([*said, "", _probabilities(turn, locale)]),
        colour=_ROSE if conclusive else _GREY,
    )
    embed.add_field(
        name=text(f"{turn.source}.affection", locale), value=_affection(turn.percent, locale)
    )
    embed.add_field(
        name=text("reading.conversation", locale), value=_affection(mood.percent, locale)
    )
    embed.set_footer(text=text("estimate", locale))
    return embed


def message(reading: Reading, turn: Turn, mood: Mood, locale: object) -> str:
    """One line on a message: up to three emotions that are present, and both affections."""
    present = reading.message.present if reading.message else ()
    feelings = [label for label in present if label not in NOTHING][:_PRESENT]
    names = ", ".join(emotion_name(label, locale) for label in feelings)
    return text(
        "message.reply",
        locale,
        emotions=discord.utils.escape_markdown(names)
        if reading.is_conclusive
        else text("message.nothing", locale),
        percent=round(turn.percent),
        mood=round(mood.percent),
    )


def why(explanation: Explanation, locale: object) -> discord.Embed:
    """Why the latest turn scored as it did, and where the mood comes from."""
    turn = explanation.turn
    lines = [
        f"`{row.moved:>6}` {discord.utils.escape_markdown(row.name)}"
        + (f" · {row.product.strip()}" if row.product else "")
        for row in rows(explanation, locale)
    ]
    lines.append(f"50 {signed(turn.affection)} = **{turn.percent:.0f}**")
    embed = discord.Embed(
        title=text("why.turn", locale, number=turn.number, source=_source(turn, locale)),
        description="\n".join(lines),
        colour=_ROSE,
    )
    embed.add_field(
        name=text("reading.conversation", locale),
        value=f"{turn_sentence(explanation, locale)}\n"
        + discord.utils.escape_markdown(mood_sentence(explanation, locale)),
        inline=False,
    )
    embed.set_footer(text=text("why.note", locale))
    return embed


def mood(mood: Mood, locale: object, *, name: str | None = None) -> discord.Embed:
    """A conversation's state; attach its chart as CHART.

    Args:
        mood: the conversation's state.
        locale: of whoever reads this.
        name: whose mood it is, when it is shown to others.
    """
    embed = discord.Embed(title=_titled("mood.title", locale, name), colour=_ROSE)
    embed.add_field(
        name=text("mood.affection", locale), value=_affection(mood.percent, locale), inline=False
    )
    embed.add_field(name=text("mood.turns", locale), value=f"{mood.turns:,}")
    embed.add_field(name=text("mood.trend", locale), value=trend(mood, locale))
    if mood.contributions:
        moved = (
            f"{discord.utils.escape_markdown(name)} **{signed(share)}**"
            for name, share in by_name(mood.contributions, locale)[:3]
        )
        embed.add_field(
            name=text("mood.contributions", locale), value=" · ".join(moved), inline=False
        )
    embed.set_image(url=f"attachment://{CHART}")
    embed.set_footer(text=text("estimate", locale))
    return embed


def trend(mood: Mood, locale: object) -> str:
    """Which way the affection has gone lately, in words."""
    if mood.trend > _STEADY:
        return text("trend.rising", locale)
    if mood.trend < -_STEADY:
        return text("trend.falling", locale)
    return text("trend.steady", locale)


def history(turns: tuple[Turn, ...], locale: object) -> discord.Embed:
    """Turns as a list, newest first."""
    lines = [
        text(
            "history.line",
            locale,
            number=turn.number,
            source=_source(turn, locale),
            percent=round(turn.percent),
            emotion=_emotion(turn, turn.leading, locale),
            share=f"{turn.emotions[turn.leading]:.0%}",
            when=discord.utils.format_dt(turn.at, "R"),
        )
        for turn in reversed(turns)
    ]
    embed = discord.Embed(
        title=text("history.title", locale), description="\n".join(lines), colour=_ROSE
    )
    embed.set_footer(text=text("history.footer", locale))
    return embed


def consent_notice(locale: object, *, opening: str | None = None) -> discord.Embed:
    """The notice to agree to, after an opening sentence that says why it is shown now."""
    paragraphs = notice(locale) if opening is None else f"{opening}\n\n{notice(locale)}"
    return discord.Embed(title=text("notice.title", locale), description=paragraphs, colour=_ROSE)


def privacy(locale: object, *, agreed: bool, turns: int) -> discord.Embed:
    """Whether somebody has agreed, how many turns are kept of theirs, and the notice."""
    status = text(f"privacy.{'agreed' if agreed else 'not_agreed'}", locale, turns=f"{turns:,}")
    return discord.Embed(
        title=text("privacy.title", locale),
        description=f"{status}\n\n{notice(locale)}",
        colour=_ROSE if agreed else _GREY,
    )


def _titled(key: str, locale: object, name: str | None) -> str:
    if name is None:
        return text(key, locale)
    return text(f"{key}_shared", locale, name=name[:_TITLE])


def _affection(percentage: float, locale: object) -> str:
    number = text("mood.percent", locale, percent=f"**{percentage:.0f}**")
    return f"{bar(percentage / 100)}\n{number}"


def _probabilities(turn: Turn, locale: object) -> str:
    """The leading emotions with bars; the bars stand first, so that they line up."""
    return "\n".join(
        f"`{bar(p)} {p:>4.0%}` {_emotion(turn, label, locale)}"
        for label, p in islice(turn.emotions.items(), _SHOWN)
        if p >= _VISIBLE
    )


def _emotion(turn: Turn, label: str, locale: object) -> str:
    return discord.utils.escape_markdown(emotion_name_in(turn, label, locale))


def _source(turn: Turn, locale: object) -> str:
    return text(f"source.{turn.source}", locale)


def scored(done: "Scored", locale: object) -> discord.Embed:
    """What the owner of a selfie, with or without words, sees."""
    found, problem = done.read.reading, done.read.problem
    return reading(
        done.recorded.turn,
        done.recorded.mood,
        locale,
        conclusive=found.is_conclusive,
        faces=len(found.selfie.faces) if found.selfie else 1,
        face_part=found.face_part,
        problem=None if problem is None else unread_half(problem, found.source, locale),
    )
