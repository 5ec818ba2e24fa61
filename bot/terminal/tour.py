"""The first chat's opening: portraits and a message are scored, so that people see what they get.

Everything happens in a rehearsal: a memory of its own that is gone afterwards.
"""

from collections.abc import Callable
from pathlib import Path

from seollem.bot.parts import Parts, rehearsal
from seollem.bot.terminal.dialogue import Dialogue
from seollem.bot.terminal.outcomes import Failed
from seollem.bot.terminal.prose import as_text
from seollem.bot.terminal.screen import Style
from seollem.bot.wording.locales import text

PORTRAITS = Path(__file__).parents[1] / "portraits"
_PORTRAITS = ("astronaut.jpg", "grace_hopper.jpg")


async def tour(parts: Parts, style: Style, *, say: Callable[[str], None]) -> None:
    """Say what a conversation looks like; ends early, with the reason, when a line fails."""
    say(style.bold(text("tour.title", style.locale)))
    say(style.dim(text("tour.waiting", style.locale)))
    async with rehearsal(parts) as rehearsed:
        dialogue = Dialogue(parts=rehearsed, user="local:tour", locale=style.locale)
        await dialogue.agree()  # for the portraits, which are in the public domain
        for step in (*_PORTRAITS, text("tour.message", style.locale), "/mood", "/why"):
            line = str(PORTRAITS / step) if step in _PORTRAITS else step
            outcome = await dialogue.reply(line)
            say(f"{style.dim(f'› {step}')}\n{as_text(outcome, style)}")
            if isinstance(outcome, Failed):
                return
    say(style.bold(text("tour.end", style.locale)))
