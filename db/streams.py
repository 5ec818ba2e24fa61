"""The standard streams of the command: UTF-8 on every system, and no traceback where they end.

if __name__ == "__main__":
    sys.exit(on_standard_streams(main))
"""

import errno
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress

INTERRUPTED = 130  # what shells make of Ctrl-C: 128 + SIGINT
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = (
    "Standard output is closed, so no answer can be given: "
    "leave it open, or send it to a file or a pipe."
)


def on_standard_streams(main: Callable[[], int]) -> int:
    """Run a program's main function; the exit status.

    A reader that has seen enough, such as head, ends the program in silence with 1, a full disk or
    a closed standard output with 1 and a message, Ctrl-C with 130.
    """
    try:
        if sys.stderr is None:  # print() would turn to standard output
            sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for good
        if sys.stdout is None:
            _complain(_CLOSED)
            return 1
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return 1
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _complain(f"Writing failed: {error.strerror}. Make room, or send the output elsewhere.")
        return 1
    finally:
        _abandon_what_fails()
    return status


def _complain(words: str) -> None:
    with suppress(OSError):
        print(words, file=sys.stderr)


def _abandon_what_fails() -> None:
    """Let streams that take no more lead nowhere.

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
