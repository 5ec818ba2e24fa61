"""The conversation in a terminal or a pipe: ``seollem chat [--user NAME] [--json]``.

A line that names a picture is a selfie, any other line a message or a slash command; ``/selfie PATH
WORDS`` is both in one turn. What goes wrong is answered like anything else, and the conversation
goes on; at the end of the input the program leaves with exit code 0.

Where standard output is no terminal, answers alone go there; the tour, the greeting and the prompt
go to stderr.

Nothing is read or kept before the person agreed to the notice, the same as on Discord. In a
terminal it is shown and asked for at the first selfie or message. In a pipe there is nobody to ask:
people run their own copy of the program and hand it what is their own, so handing it over is the
agreement; the notice is printed to stderr, once, and the agreement kept. Who withdraws or erases is
not read again in that sitting.
"""

import asyncio
import getpass
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from seollem.bot.errors import ConsentNeeded
from seollem.bot.parts import Parts, build_parts
from seollem.bot.settings import Settings
from seollem.bot.terminal.dialogue import YES, Dialogue
from seollem.bot.terminal.outcomes import Failed, Left, Outcome, as_json
from seollem.bot.terminal.prose import as_text
from seollem.bot.terminal.screen import Style, terminal_locale
from seollem.bot.terminal.tour import tour
from seollem.bot.wording.consent import TERMINAL_KEYS, notice
from seollem.bot.wording.locales import language, text
from seollem.cli.streams import json_text, standard_input
from seollem.cli.terminal import has_colours

_PROMPT = "› "


def chat(settings: Settings, *, user: str | None = None, as_objects: bool = False) -> None:
    """Talk until the input ends.

    Args:
        settings: where to remember, which model.
        user: whose conversation it is; None: the name of the account on this computer.
        as_objects: answer in JSON, one object a line, instead of text.

    Raises:
        DatabaseError: the database cannot be used; ModelError later becomes an answer.
        StreamClosed: there is nothing to read from.
        OSError: a stream takes no more, or whoever read it has gone.
    """
    standard_input()
    # One event loop, entered for each line: between the lines the main thread waits for input,
    # where Ctrl-C ends the program as everywhere else.
    with asyncio.Runner() as runner:
        parts = runner.run(build_parts(settings))
        try:
            name = _account() if user is None else user
            Chat(runner, parts, name=name, as_objects=as_objects).talk()
        finally:
            runner.run(parts.close())


class Chat:
    """One sitting: reads lines, prints answers, asks for the agreement."""

    def __init__(
        self, runner: asyncio.Runner, parts: Parts, *, name: str, as_objects: bool
    ) -> None:
        locale = language(terminal_locale(os.environ))
        self._runner, self._parts, self._name, self._as_objects = runner, parts, name, as_objects
        self._has_screen = sys.stdout.isatty()
        self._style = Style(locale=locale, colour=has_colours(sys.stdout))
        self._dialogue = Dialogue(parts=parts, user=f"local:{name}", locale=locale)
        self._is_terminal = sys.stdin.isatty()

    def talk(self) -> None:
        """Answer every line of the input."""
        if not self._as_objects:
            if not self._runner.run(self._dialogue.has_agreed()):
                self._runner.run(tour(self._parts, self._style, say=self._note))
            if self._is_terminal:
                welcome = text("chat.welcome", self._style.locale, name=self._name)
                self._note(self._style.markdown(welcome))
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
        """Show the notice, on stderr; in a terminal, ask."""
        if self._dialogue.has_withdrawn and not self._is_terminal:
            return False
        style = Style(locale=self._style.locale)
        _say(text("notice.title", style.locale), to=sys.stderr)
        _say(style.markdown(notice(style.locale, TERMINAL_KEYS)), to=sys.stderr)
        if not self._is_terminal:
            _say(style.markdown(text("chat.agreed_by_pipe", style.locale)), to=sys.stderr)
            return True
        _say(text("chat.agree_ask", style.locale), end="", to=sys.stderr)
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
                yield self._typed("" if self._as_objects else _PROMPT)
            except EOFError:
                return

    def _typed(self, prompt: str) -> str:
        if not self._has_screen:
            self._note(prompt, end="")
            prompt = ""
        return input(prompt)

    def _print(self, outcome: Outcome) -> None:
        if self._as_objects:
            for answer in as_json(outcome, self._style.locale):
                _say(json_text(answer), end="\n")
        else:
            _say(as_text(outcome, self._style))

    def _note(self, words: str, end: str = "\n\n") -> None:
        """Say what is no answer."""
        _say(words, end=end, to=sys.stdout if self._has_screen else sys.stderr)


def _say(words: str, *, end: str = "\n\n", to: TextIO | None = None) -> None:
    """Print a paragraph at once; None: to standard output."""
    print(words, end=end, file=to, flush=True)


def _account() -> str:
    """The name of the account on this computer; containers may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "me"
