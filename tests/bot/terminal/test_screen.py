"""Text in columns: Hangul takes two, bars are as long as their share, charts keep their size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len as columns

from seollem.bot.terminal.screen import (
    Style,
    bar,
    terminal_locale,
    text_chart,
    wrap,
)
from seollem.cli.terminal import rendered

PLAIN = Style(locale="en")
percentages = st.floats(min_value=0, max_value=100)


def test_a_bar_is_as_long_as_its_share() -> None:
    assert rendered(bar(0.0)) == ""
    assert rendered(bar(0.5)) == "█" * 10
    assert rendered(bar(0.9999)) == "█" * 20
    assert rendered(bar(0.01)) == "▎"
    assert rendered(bar(0.0001)) == ""


@given(st.lists(percentages, min_size=1, max_size=300))
def test_a_chart_has_a_dot_in_every_column_and_never_outgrows_the_window(
    values: list[float],
) -> None:
    lines = text_chart(values, values, PLAIN)
    assert len(lines) == 9
    assert all(columns(line) <= 66 for line in lines)
    assert sum(line.count("●") for line in lines) == min(len(values), 60)


def test_a_chart_shows_high_above_low() -> None:
    lines = text_chart([0.0, 100.0], [50.0, 50.0], PLAIN)
    top, bottom = lines[0], lines[-1]
    assert top.startswith("100 ┤")
    assert bottom.startswith("  0 ┤")
    assert bottom.index("●") < top.index("●")


def test_colours_appear_only_where_they_are_wanted() -> None:
    assert PLAIN.markdown("**bold** and `code`") == "bold and code"
    assert "\x1b[" in Style(locale="en", colour=True).markdown("**bold**")


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko_KR.UTF-8"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en_US.UTF-8"),
        ({"LC_ALL": "", "LANG": "ko_KR"}, "ko_KR"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_terminal_s(environment: dict[str, str], locale: str) -> None:
    assert terminal_locale(environment) == locale


@given(st.text(alphabet="ab 설렘\n", max_size=400))
def test_wrapping_moves_blanks_and_nothing_else(words: str) -> None:
    wrapped = wrap(words, width=20)
    assert wrapped.replace("\n", " ") == words.replace("\n", " ")


def test_long_lines_are_broken_between_words_by_the_columns_they_take() -> None:
    assert wrap("설렘 설렘 설렘", width=10) == "설렘 설렘\n설렘"
    assert wrap("  /mood   a table", width=5) == "  /mood   a table"
    assert PLAIN.markdown("**" + "word " * 20 + "end**").count("*") == 0
