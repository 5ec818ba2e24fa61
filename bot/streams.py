"""The standard streams: what the program is given to read, and where it writes.

A stream that takes no more is left alone from then on: what it still holds would fail once more
when the program ends.
"""

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

from seollem.bot.errors import OutputFailed, StreamClosed


def prepare_streams() -> None:
    """Whatever the system's encoding: Hangul goes out, and any file name comes in.

    Raises:
        StreamClosed: there is nothing to read from, or nowhere to answer.
    """
    if sys.stdin is None:
        raise StreamClosed(
            "Standard input is closed, so there is nothing to answer: "
            "leave it open, or give it a file or a pipe."
        )
    if sys.stdout is None:
        raise StreamClosed(
            "Standard output is closed, so no answer can be given: "
            "leave it open, or send it to a file or a pipe."
        )
    for stream, errors in (
        (sys.stdin, "surrogateescape"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def say(words: str, *, end: str = "\n\n", to: TextIO | None = None) -> None:
    """Print a paragraph at once; None: to standard output.

    Raises:
        BrokenPipeError: whoever read the stream has gone.
        OutputFailed: the stream takes no more.
    """
    stream = to or sys.stdout
    try:
        print(words, end=end, file=stream, flush=True)
    except BrokenPipeError:
        abandon(stream)
        raise
    except OSError as error:
        abandon(stream)
        raise OutputFailed(
            f"What there is to say cannot be written: {error.strerror}. "
            "Make room, or send it elsewhere."
        ) from None


def complain(words: object) -> None:
    """Print a line to standard error, if it takes any."""
    with suppress(BrokenPipeError, OutputFailed):
        say(str(words), end="\n", to=sys.stderr)


def abandon(stream: TextIO) -> None:
    """Let a stream lead nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
