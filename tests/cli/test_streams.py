"""What the standard streams and arguments bring in: UTF-8, or bytes that are kept."""

import io
import json
import sys

import pytest

from seollem.cli.streams import as_text, json_text, on_standard_streams, standard_input


def test_standard_input_is_utf_8_and_what_is_no_text_goes_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outside = io.BytesIO()
    said = "사랑해 ".encode() + b"\xff"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said), "euc-kr"))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(outside, "ascii"))
    assert on_standard_streams(lambda: print(standard_input().read(), end="") or 0) == 0
    assert outside.getvalue() == said


def test_where_standard_input_is_closed_reading_it_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert on_standard_streams(lambda: len(standard_input().read())) == 1
    assert capsys.readouterr().err.startswith("Standard input is closed")


def test_an_argument_is_utf_8_even_where_the_system_s_encoding_is_not() -> None:
    assert as_text("설렘".encode().decode("ascii", "surrogateescape")) == "설렘"
    assert as_text("설렘\udcff") == "설렘\udcff"


def test_json_is_utf_8_even_of_names_that_are_not() -> None:
    name = "설렘\udcff.jpg"
    assert json_text({"image": name}).encode() == '{"image": "설렘\\udcff.jpg"}'.encode()
    assert json.loads(json_text({"image": name})) == {"image": name}
