"""Columns of Hangul, and colours only where they are wanted."""

import io

import pytest
from rich.table import Table
from rich.text import Text

from seollem.cli.terminal import has_colours, pad, rendered


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "columns"),
    [("joy", 3), ("설렘", 4), ("\u1109\u1165\u11af", 2), ("é", 1), ("e\u0301", 1), ("", 0)],
)
def test_a_text_is_filled_to_the_columns_that_a_terminal_gives_it(text: str, columns: int) -> None:
    assert pad(text, 9) == text + " " * (9 - columns)
    assert pad(text, 1).startswith(text)


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_people_can_do_without_colours(
    variables: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert has_colours(Screen()) is wanted
    assert has_colours(io.StringIO()) is False


def test_a_table_lines_up_in_hangul_and_is_never_cut() -> None:
    table = Table.grid(padding=(0, 1))
    table.add_row("설렘", "[red]" + "long " * 60 + "✂")
    table.add_row("joy", Text("pink", "color(211)"))
    first, second = rendered(table).splitlines()
    assert first.startswith("설렘 [red]long")
    assert first.endswith("✂")
    assert second == "joy  pink"
    assert "\x1b[38;5;211" in rendered(table, colour=True)
