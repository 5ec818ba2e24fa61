"""The terminal's conversation: one line in, one outcome out. No input or output of its own."""

from collections.abc import Awaitable, Callable
from functools import partial

from seollem.bot.errors import ConsentNeeded, NoPicture, NothingToRead
from seollem.bot.parts import Parts
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
    State,
    Unknown,
)
from seollem.bot.terminal.paths import picture_path, read_file, selfie_and_words
from seollem.bot.terminal.slash import COMMANDS, command_of
from seollem.bot.wording.consent import NOTICE_VERSION, TERMINAL_KEYS, notice
from seollem.bot.wording.halves import Read, read_halves
from seollem.bot.wording.locales import text
from seollem.bot.wording.rounding import EXPORTED, rounded
from seollem.bot.wording.words import words_of
from seollem.scoring.errors import NotAgreed
from seollem.scoring.fusion import Reading
from seollem.scoring.readings import MessageReading
from seollem.scoring.turns import Source

__all__ = ["COMMANDS", "YES", "Dialogue"]

PLACE = "terminal"
SHOWN = 60  # turns in a chart
LISTED = 20  # turns in a history

YES = ("yes", "y", "네", "예")


class Dialogue:
    """Answers the lines of one person.

    Args:
        parts: what the conversation needs; they stay the caller's to close.
        user: the person's name in memory, "local:NAME".
        locale: "ko" or "en" (or begins so); the language of the answers.

    Attributes:
        has_withdrawn: whether the person, in this dialogue, ended the agreement and did not agree
            again.
    """

    def __init__(self, *, parts: Parts, user: str, locale: str) -> None:
        self._parts, self._user, self._locale = parts, user, locale
        self.has_withdrawn = False
        self._answers: dict[str, Callable[[str], Awaitable[Outcome]]] = {
            "selfie": self._selfie,
            "message": self._message,
            "mood": self._mood,
            "history": self._history,
            "why": self._why,
            "forget": self._forget,
            "privacy": self._privacy,
            "export": self._export,
            "withdraw": self._withdraw,
            "erase": self._erase,
            "help": self._help,
            "quit": self._quit,
        }

    async def has_agreed(self) -> bool:
        """Whether the person has agreed to the notice of today."""
        return await self._parts.consents.has_agreed(self._user, version=NOTICE_VERSION)

    async def agree(self) -> None:
        """The person agrees."""
        await self._parts.consents.agree(self._user, version=NOTICE_VERSION)
        self.has_withdrawn = False

    async def reply(self, line: str) -> Outcome:
        """Answer a picture's path, a slash command or a message; whatever fails is an outcome."""
        source = "message"
        try:
            if line.lstrip().startswith("/"):
                source = "command"
            if command := command_of(line):
                name, argument = command
            else:
                name, argument = "message" if picture_path(line) is None else "selfie", line
            if name == "selfie":
                source = str(Source.SELFIE)
            return await self._answers[name](argument)
        except Exception as error:
            return Failed(source, error, await self._state())

    async def _state(self) -> State:
        try:
            return await self._parts.engine.mood(user=self._user, place=PLACE)
        except Exception:  # the line has an answer of its own, which must not be lost for this
            return Unknown()

    async def _say(self, words: str) -> Said:
        return Said(words, await self._state())

    async def _selfie(self, argument: str) -> Outcome:
        await self._check_agreement()
        if not argument:
            raise NoPicture("a path is missing")
        path, rest = selfie_and_words(argument)
        data = read_file(path, limit=self._parts.settings.max_image_mb * 1_000_000)
        words = words_of(rest)
        read_selfie = partial(self._parts.inference.read_selfie, data, user=self._user)
        return await self._score(
            await read_halves(read_selfie, None if words is None else partial(self._read, words))
        )

    async def _message(self, line: str) -> Outcome:
        words = words_of(line)
        if words is None:
            raise NothingToRead("no words that are read")
        await self._check_agreement()
        return await self._score(Read(Reading(message=await self._read(words))))

    async def _check_agreement(self) -> None:
        if not await self.has_agreed():
            raise ConsentNeeded("the person has not agreed yet")

    async def _read(self, words: str) -> MessageReading:
        return await self._parts.inference.read_message(words, user=self._user)

    async def _score(self, read: Read) -> Outcome:
        try:
            recorded = await self._parts.engine.record_turn(
                read.reading,
                user=self._user,
                place=PLACE,
                agreed_to=NOTICE_VERSION,
            )
        except NotAgreed as error:  # erased by another program while this one was reading
            raise ConsentNeeded("the person does not agree any more") from error
        return Scored(read.reading, recorded.turn, recorded.mood, read.problem)

    async def _mood(self, _: str) -> Outcome:
        mood = await self._parts.engine.mood(user=self._user, place=PLACE)
        turns = await self._parts.engine.history(user=self._user, place=PLACE, limit=SHOWN)
        return MoodShown(mood, turns)

    async def _history(self, _: str) -> Outcome:
        mood = await self._parts.engine.mood(user=self._user, place=PLACE)
        turns = await self._parts.engine.history(user=self._user, place=PLACE, limit=LISTED)
        return HistoryShown(mood, turns)

    async def _why(self, _: str) -> Outcome:
        why = await self._parts.engine.explain(user=self._user, place=PLACE)
        return MoodShown(None, ()) if why is None else Explained(why)

    async def _forget(self, argument: str) -> Outcome:
        mood = await self._parts.engine.mood(user=self._user, place=PLACE)
        latest = mood.turns if mood else 0
        number = latest if not argument else _number(argument)
        gone = None
        if 1 <= number <= latest:
            gone = await self._parts.engine.forget_turn(user=self._user, place=PLACE, number=number)
        if gone is None:
            return Said(text("forget.none", self._locale), mood)
        return Said(text("forget.done", self._locale, number=number), gone.mood)

    async def _privacy(self, _: str) -> Outcome:
        key = "privacy.agreed" if await self.has_agreed() else "privacy.not_agreed"
        turns = await self._parts.people.count_turns(self._user)
        status = text(key, self._locale, turns=f"{turns:,}")
        return await self._say(f"{status}\n\n{notice(self._locale, TERMINAL_KEYS)}")

    async def _export(self, _: str) -> Outcome:
        export = await self._parts.people.export(self._user)
        return Exported(rounded(export, EXPORTED), await self._state())

    async def _withdraw(self, _: str) -> Outcome:
        await self._parts.consents.withdraw(self._user)
        self.has_withdrawn = True
        return await self._say(text("consent.withdrawn", self._locale))

    async def _erase(self, argument: str) -> Outcome:
        if argument.lower() not in YES:
            return await self._say(text("chat.erase_ask", self._locale))
        self.has_withdrawn = True  # first, so that nothing is read again should erasing fail
        erased = await self._parts.people.erase(self._user)
        return await self._say(text("privacy.erased", self._locale, turns=erased))

    async def _quit(self, _: str) -> Outcome:
        return Left()

    async def _help(self, _: str) -> Outcome:
        return await self._say(text("chat.help", self._locale))


def _number(argument: str) -> int:
    """A turn's number as typed; 0, which no turn has, for anything else."""
    return int(argument) if argument.isdecimal() and len(argument) < 10 else 0
