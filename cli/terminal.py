"""What a terminal shows: colours where they are wanted, tables, and text in columns."""

import io
import os
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console, RenderableType

_WIDE = 500  # columns; a table takes what it needs of them, so that none of it is cut


def has_colours(stream: TextIO) -> bool:
    """Whether it is a terminal with colours whose user wants them; see https://no-color.org."""
    return Console(file=stream).color_system is not None and not os.environ.get("NO_COLOR")


def rendered(renderable: RenderableType, *, colour: bool = False) -> str:
    """A table or another renderable of Rich as text, without a newline at the end."""
    text = io.StringIO()
    Console(
        file=text,
        width=_WIDE,
        force_terminal=colour,
        color_system="256" if colour else None,
        no_color=not colour,
        markup=False,
        emoji=False,
        highlight=False,
    ).print(renderable)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def pad(text: str, width: int) -> str:
    """The text, filled with blanks to ``width`` columns; Hangul takes two each."""
    return text + " " * (width - cell_len(text))
