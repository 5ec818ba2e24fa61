"""Options with several values, failures in one line, commands by their place."""

import click
import pytest

from seollem.cli.commands import Command, Several, failing_on, load


@click.command(cls=Command)
@click.option("--corpus", cls=Several, required=True)
@click.option("--name")
@click.option("--all", "everything", is_flag=True)
def cut(corpus: tuple[str, ...], name: str | None, everything: bool) -> tuple[object, ...]:
    return corpus, name, everything


@pytest.mark.parametrize(
    ("arguments", "corpus", "name", "everything"),
    [
        (["--corpus", "a"], ("a",), None, False),
        (["--corpus", "a", "b", "c", "--name", "n"], ("a", "b", "c"), "n", False),
        (["--name", "n", "--corpus", "a", "b", "--all"], ("a", "b"), "n", True),
        (["--corpus", "a", "--corpus", "b", "c"], ("a", "b", "c"), None, False),
        (["--corpus=a", "--name", "n"], ("a",), "n", False),
        (["--corpus", "-", "a"], ("-", "a"), None, False),
    ],
)
def test_an_option_takes_several_values(
    arguments: list[str], corpus: tuple[str, ...], name: str | None, everything: bool
) -> None:
    with cut.make_context("cut", arguments) as context:
        assert cut.invoke(context) == (corpus, name, everything)


@pytest.mark.parametrize("arguments", [[], ["--corpus"], ["--corpus", "--name", "n"], ["a"]])
def test_an_option_of_several_values_needs_one(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        cut.make_context("cut", arguments)


def test_a_failure_is_its_message_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    message = "설렘 [bold]is[/bold] " + "long " * 40 + "✂"
    with pytest.raises(click.ClickException) as raised, failing_on(LookupError):
        raise KeyError(message)
    raised.value.show()
    assert capsys.readouterr().err == f"{KeyError(message)}\n"
    assert raised.value.exit_code == 1


def test_what_is_not_expected_is_not_a_failure_of_the_command() -> None:
    with pytest.raises(ZeroDivisionError), failing_on(LookupError):
        _ = 1 / 0


def test_what_is_no_command_is_not_loaded() -> None:
    with pytest.raises(TypeError):
        load("os.path:join")
