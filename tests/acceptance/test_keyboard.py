"""The chat at a keyboard: nothing is read before a person, asked, says yes."""

import codecs
import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator

import pytest

from checkout import PORTRAITS
from program import Program

pytestmark = pytest.mark.slow

PORTRAIT = str(PORTRAITS / "grace_hopper.jpg")


class Keyboard:
    """A person at a terminal in which the chat runs."""

    def __init__(self, program: Program, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self._decoder = codecs.getincrementaldecoder("utf-8")()  # a read may end within a sign
        self.process = subprocess.Popen(
            [*program.command(), "chat", "--user", "하나", *arguments],
            env=program.environment(TERM="xterm-256color"),
            cwd=program.folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.screen = ""

    def sees(self, words: str, seconds: float = 300) -> str:
        """Wait until the words appear; returns what appeared up to then, once."""
        deadline = time.monotonic() + seconds
        while words not in self.screen:
            assert time.monotonic() < deadline, f"no {words!r} on the screen:\n{self.screen}"
            if select.select([self._ours], [], [], 0.2)[0]:
                try:
                    self.screen += self._decoder.decode(os.read(self._ours, 65536))
                except OSError:  # the other end is closed
                    break
        before, found, self.screen = self.screen.partition(words)
        assert found, f"the chat ended without {words!r}:\n{before}"
        return before

    def types(self, line: str) -> None:
        os.write(self._ours, f"{line}\n".encode())

    def leaves(self) -> int:
        """Ctrl-D; the exit code."""
        os.write(self._ours, b"\x04")
        return self.process.wait(timeout=120)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.fixture
def keyboard(program: Program) -> Iterator[Keyboard]:
    keyboard = Keyboard(program)
    yield keyboard
    keyboard.close()


def test_a_person_is_asked_first_and_a_dragged_picture_is_read_then(keyboard: Keyboard) -> None:
    tour = keyboard.sees("Hello, 하나.")
    assert "\x1b[" in tour  # colours, in a terminal
    keyboard.sees("› ")
    keyboard.types(f"'{PORTRAIT}' ")
    keyboard.sees("What is read")
    keyboard.sees("Do you agree? [y/N]")
    keyboard.types("")
    keyboard.sees("Nothing has been read")
    keyboard.types(f'"{PORTRAIT}"')
    keyboard.sees("Do you agree? [y/N]")
    keyboard.types("y")
    keyboard.sees("Conversation so far")
    keyboard.types("/mood")
    keyboard.sees("turns: 1")
    keyboard.sees("› ")
    assert keyboard.leaves() == 0


def test_the_notice_is_not_shown_again_to_who_agreed(program: Program) -> None:
    program.run("chat", "--json", "--user", "하나", lines=["/selfie gone.jpg"])
    keyboard = Keyboard(program)
    try:
        greeting = keyboard.sees("Hello, 하나.")
        assert "tour" not in greeting
        keyboard.types("gone.jpg")
        assert "agree" not in keyboard.sees("There is no file")
        keyboard.types("/quit")
        assert keyboard.process.wait(timeout=120) == 0
    finally:
        keyboard.close()
