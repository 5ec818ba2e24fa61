"""From what was read and remembered to what people see: pure functions of data and a locale."""

import discord

from bot.consent import notice
from bot.locales import language, text
from scoring.affection import percent
from scoring.emotions import display_name
from scoring.turns import Mood, Turn

CHART = "mood.png"  # the name under which a mood's chart is attached

_ROSE, _GREY = discord.Colour(0xFF7AA8), discord.Colour(0xB3A9C0)
_BAR = 12  # cells of a full bar
_SHOWN = 4  # emotions shown of a reading; the others are noise to most people
_VISIBLE = 0.01  # a share below one per cent is not shown
_STEADY = 0.05  # a trend smaller than this, in units of affection, is no trend
_TITLE = 200  # characters of a name in a title, whose limit is 256


def bar(share: float, cells: int = _BAR) -> str:
    """A bar of text for a share in [0, 1]; from one per cent on it shows at least one cell."""
    full = max(round(share * cells), 1 if share >= _VISIBLE else 0)
    return "▰" * full + "▱" * (cells - full)


def selfie(
    turn: Turn,
    mood: Mood,
    locale: object,
    *,
    conclusive: bool,
    faces: int = 1,
    name: str | None = None,
) -> discord.Embed:
    """One selfie's reading, its affection, and the conversation's.

    Args:
        turn, mood: the recorded turn, and the conversation it belongs to.
        locale: of whoever reads this.
        conclusive: whether an emotion stands out enough to be named.
        faces: how many faces the picture has; the largest was read.
        name: whose selfie it is, when it is shown to others.
    """
    said = [
        text("selfie.leading", locale, emotion=_emotion(next(iter(turn.emotions.top(1))), locale))
        if conclusive
        else text("selfie.inconclusive", locale)
    ]
    if faces > 1:
        said.append(text("selfie.faces", locale, count=faces))
    embed = discord.Embed(
        title=_titled("selfie.title", locale, name),
        description="\n".join([*said, "", _probabilities(turn, locale)]),
        colour=_ROSE if conclusive else _GREY,
    )
    embed.add_field(name=text("selfie.affection", locale), value=_affection(turn.percent, locale))
    embed.add_field(
        name=text("selfie.conversation", locale), value=_affection(mood.percent, locale)
    )
    embed.set_footer(text=text("estimate", locale))
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
            f"{_emotion(c.label, locale)} **{_signed(c.share)}**" for c in mood.contributions[:3]
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
            source=text(f"source.{turn.source}", locale),
            percent=round(turn.percent),
            emotion=_emotion(label, locale),
            share=f"{share:.0%}",
            when=discord.utils.format_dt(turn.at, "R"),
        )
        for turn in reversed(turns)
        for label, share in turn.emotions.top(1).items()
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
    """The most probable emotions with bars; the bars stand first, so that they line up."""
    return "\n".join(
        f"`{bar(p)} {p:>4.0%}` {_emotion(label, locale)}"
        for label, p in turn.emotions.top(_SHOWN).items()
        if p >= _VISIBLE
    )


def _emotion(label: str, locale: object) -> str:
    return discord.utils.escape_markdown(display_name(label, language(locale)))


def _signed(share: float) -> str:
    """A share of affection in points of the 0–100 scale, with its sign."""
    return f"{percent(share) - percent(0.0):+.1f}"
