"""The conversation in a terminal or a pipe: ``python -m bot chat [--user NAME] [--json]``.

A line that names a picture is a selfie, any other line a message or a slash command; ``/selfie PATH
WORDS`` is both in one turn. What goes wrong is answered like anything else, and the conversation
goes on; at the end of the input the program leaves with exit code 0.

Nothing is read or kept before the person agreed to the notice, the same as on Discord. In a
terminal it is shown and asked for at the first selfie or message. In a pipe there is nobody to ask:
people run their own copy of the program and hand it what is their own, so handing it over is the
agreement; the notice is printed to stderr, once, and the agreement kept. Who withdraws or erases is
not read again in that sitting.
"""

import asyncio
import getpass
import io
import json
import os
import sys
from collections.abc import Iterator

from bot.consent import notice
from bot.dialogue import YES, Dialogue
from bot.errors import ConsentNeeded
from bot.locales import language, text
from bot.outcomes import Failed, Left, Outcome, as_json
from bot.parts import Parts, build_parts
from bot.prose import as_text
from bot.settings import Settings
from bot.terminal import Style, terminal_locale, wants_colour
from bot.tour import tour

_PROMPT = "› "


def chat(settings: Settings, *, user: str | None = None, as_objects: bool = False) -> None:
    """Talk until the input ends.

    Args:
        settings: where to remember, which model.
        user: whose conversation it is; None: the name of the account on this computer.
        as_objects: answer in JSON, one object a line, instead of text.

    Raises:
        DatabaseError: the database cannot be used; ModelError later becomes an answer.
    """
    _speak_utf8()
    # One event loop, entered for each line: between the lines the main thread waits for input,
    # where Ctrl-C ends the program as everywhere else.
    with asyncio.Runner() as runner:
        parts = runner.run(build_parts(settings))
        try:
            Chat(runner, parts, name=user or _account(), as_objects=as_objects).talk()
        finally:
            runner.run(parts.close())


class Chat:
    """One sitting: reads lines, prints answers, asks for the agreement."""

    def __init__(
        self, runner: asyncio.Runner, parts: Parts, *, name: str, as_objects: bool
    ) -> None:
        locale = language(terminal_locale(os.environ))
        self._runner, self._parts, self._name, self._as_objects = runner, parts, name, as_objects
        self._style = Style(locale=locale, colour=sys.stdout.isatty() and wants_colour(os.environ))
        self._dialogue = Dialogue(parts=parts, user=f"local:{name}", locale=locale)
        self._is_terminal = sys.stdin.isatty()

    def talk(self) -> None:
        """Answer every line of the input."""
        if not self._as_objects:
            if not self._runner.run(self._dialogue.has_agreed()):
                self._runner.run(tour(self._parts, self._style, say=say))
            if self._is_terminal:
                self._tell("chat.welcome", name=self._name)
        for line in self._lines():
            if not line.strip():
                continue
            outcome = self._answer(line)
            if isinstance(outcome, Left):
                break
            self._print(outcome)

    def _answer(self, line: str) -> Outcome:
        outcome = self._runner.run(self._dialogue.reply(line))
        match outcome:
            case Failed(_, ConsentNeeded()) if self._agrees():
                self._runner.run(self._dialogue.agree())
                return self._runner.run(self._dialogue.reply(line))
        return outcome

    def _agrees(self) -> bool:
        """Show the notice; in a terminal, ask. Notes go to stderr, answers alone to stdout."""
        if self._dialogue.has_withdrawn and not self._is_terminal:
            return False
        style = Style(locale=self._style.locale)
        words = f"{text('notice.title', style.locale)}\n\n{style.markdown(notice(style.locale))}\n"
        print(words, file=sys.stderr)
        if not self._is_terminal:
            print(text("chat.agreed_by_pipe", style.locale), file=sys.stderr)
            return True
        print(text("chat.agree_ask", style.locale), end="", file=sys.stderr, flush=True)
        try:
            return input().strip().lower() in YES
        except EOFError:
            return False

    def _lines(self) -> Iterator[str]:
        if not self._is_terminal:
            yield from sys.stdin
            return
        import readline  # noqa: F401  arrow keys and earlier lines, for input()

        while True:
            try:
                yield input("" if self._as_objects else _PROMPT)
            except EOFError:
                return

    def _print(self, outcome: Outcome) -> None:
        if self._as_objects:
            for answer in as_json(outcome, self._style.locale):
                print(json.dumps(answer, ensure_ascii=False), flush=True)
        else:
            print(as_text(outcome, self._style), end="\n\n", flush=True)

    def _tell(self, key: str, **values: object) -> None:
        say(self._style.markdown(text(key, self._style.locale, **values)))


def say(words: str) -> None:
    """Print a paragraph."""
    print(words, end="\n\n", flush=True)


def _account() -> str:
    """The name of the account on this computer; containers may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "me"


def _speak_utf8() -> None:
    """Whatever the system's encoding: Hangul goes out, and any file name comes in."""
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
