"""The standard streams of a command: UTF-8 on every system, and no traceback where they end."""

import errno
import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

INTERRUPTED = 130  # what shells make of Ctrl-C: 128 + SIGINT
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StreamClosed(Exception):
    """A standard stream that is needed is not open. The message says what to do about it."""


def on_standard_streams(main: Callable[[], int]) -> int:
    """Run a program's main function and return the exit status.

    Bytes that are not UTF-8, such as those of some file names, go out as they came in. The status
    is 1 without a message when the reader of the output has gone (``| head``), 1 with a message
    when the disk is full or standard output is closed, and 130 after Ctrl-C.
    """
    try:
        _prepare()
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return 1
    except StreamClosed as error:
        _complain(str(error))
        return 1
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _complain(f"Writing failed: {error.strerror}. Make room, or send the output elsewhere.")
        return 1
    finally:
        _abandon_what_fails()
    return status


def standard_input() -> TextIO:
    """Standard input, to read from.

    Raises:
        StreamClosed: there is none.
    """
    if sys.stdin is None:
        raise StreamClosed(
            "Standard input is closed, so there is nothing to read: "
            "leave it open, or give it a file or a pipe."
        )
    return sys.stdin


def as_text(argument: str) -> str:
    """An argument decoded as UTF-8 whatever the locale; other bytes stay as surrogates."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON that is valid UTF-8: surrogates, which stand for other bytes, are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _prepare() -> None:
    if sys.stderr is None:  # print() would turn to standard output
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for good
    if sys.stdout is None:
        raise StreamClosed(
            "Standard output is closed, so no answer can be given: "
            "leave it open, or send it to a file or a pipe."
        )
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")


def _complain(words: str) -> None:
    with suppress(OSError):
        print(words, file=sys.stderr)


def _abandon_what_fails() -> None:
    """Point streams that take no more at the null device.

    What they still hold would fail once more when the interpreter ends.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
