"""What the conversation shows in a terminal: styles, bars and charts of text.

Pure functions of their arguments; nothing is printed here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.bar import Bar
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style as RichStyle
from rich.table import Table

from seollem.cli.terminal import rendered

PINK = "color(211)"

_WIDTH = 80  # columns of a line of text
_BAR = 20  # columns of a full bar
_CHART = (60, 9)  # a chart's columns and rows
_TURN, _LINE = "●", "─"
_SPANS = re.compile(r"\*\*(.+?)\*\*|`(.+?)`", re.DOTALL)  # bold and code in Markdown


@dataclass(frozen=True, slots=True)
class Style:
    """How to write: ``locale`` "ko" or "en" (or begins so), ANSI colours or none."""

    locale: str
    colour: bool = False

    def pink(self, words: str) -> str:
        return self._paint(words, PINK)

    def bold(self, words: str) -> str:
        return self._paint(words, "bold")

    def dim(self, words: str) -> str:
        return self._paint(words, "dim")

    def table(self, table: Table) -> str:
        """The table as lines of text."""
        return rendered(table, colour=self.colour)

    def markdown(self, words: str) -> str:
        """The Markdown of our texts: bold is bold, or plain without the stars; code likewise."""
        return _SPANS.sub(lambda span: self.bold(span[1] or span[2]), wrap(words))

    def _paint(self, words: str, style: str) -> str:
        system = ColorSystem.EIGHT_BIT if self.colour else None
        return RichStyle.parse(style).render(words, color_system=system)


def plain(words: str) -> str:
    """The Markdown of our texts without its marks."""
    return _SPANS.sub(lambda span: span[1] or span[2], words)


def terminal_locale(environment: Mapping[str, str]) -> str:
    """The locale that the terminal is set to, e.g. "ko_KR.UTF-8"; "en" where it says nothing."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next((environment[name] for name in names if environment.get(name)), "en")


def wrap(words: str, width: int = _WIDTH) -> str:
    """Long lines broken at blanks, so that none takes more than ``width`` columns if it can."""
    lines = []
    for line in words.split("\n"):
        rest = line
        while cell_len(rest) > width and not rest.startswith(" "):  # indented lines are tables
            fitting = (
                i for i, sign in enumerate(rest) if sign == " " and cell_len(rest[:i]) <= width
            )
            end = max(fitting, default=0)
            if not end:
                break
            lines.append(rest[:end])
            rest = rest[end + 1 :]
        lines.append(rest)
    return "\n".join(lines)


def bar(share: float) -> Bar:
    """A pink bar of eighth blocks for a share in [0, 1]."""
    eighths = _BAR * 8
    return Bar(eighths, 0, round(share * eighths), width=_BAR, color=PINK)


def text_chart(affections: Sequence[float], running: Sequence[float], style: Style) -> list[str]:
    """A chart of lines: a dot for each turn, the conversation's affection as a line.

    ``affections`` and ``running`` are percentages, oldest first, of equal length and not empty.
    Where there are more turns than columns, a column stands for several and shows their means.
    """
    width, height = _CHART
    dots, line = _columns_of(affections, width), _columns_of(running, width)
    step = max(1, min(4, width // len(dots)))  # few turns stand apart
    rows = [[" "] * (step * len(dots)) for _ in range(height)]
    stroke = style.pink(_LINE)
    for column, value in enumerate(line):
        for x in range(column * step, (column + 1) * step):
            rows[_row(value, height)][x] = stroke
    for column, value in enumerate(dots):
        rows[_row(value, height)][column * step + step // 2] = _TURN
    marks = {0: "100", height // 2: " 50", height - 1: "  0"}
    return [
        style.dim(f"{marks.get(i, ''):>3} {'┤' if i in marks else '│'}") + "".join(row).rstrip()
        for i, row in enumerate(rows)
    ]


def _columns_of(values: Sequence[float], width: int) -> list[float]:
    """At most ``width`` values: themselves, or the means of equal stretches."""
    count = min(len(values), width)
    edges = [i * len(values) // count for i in range(count + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]


def _row(percentage: float, height: int) -> int:
    """The row, from the top, of a percentage."""
    return round((1 - percentage / 100) * (height - 1))
