"""Settings come from the environment and .env; what cannot be used is told in a line each."""

from pathlib import Path

import pytest

from checkout import ROOT
from seollem.bot.settings import Settings, load_settings
from seollem.db.settings import SettingsError


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SEOLLEM_{name.upper()}", raising=False)


def test_everything_is_optional(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / ".env")
    assert settings.discord_token is None
    assert settings.database_url.startswith("sqlite:///")
    assert settings.database_url.endswith("seollem.db")


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("SEOLLEM_QUEUE_SIZE=3\nSEOLLEM_SILENCE_HOURS=5\n")
    monkeypatch.setenv("SEOLLEM_QUEUE_SIZE", "7")
    settings = load_settings(tmp_path / ".env")
    assert (settings.queue_size, settings.silence_hours) == (7, 5.0)


def test_an_empty_variable_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEOLLEM_DISCORD_TOKEN", "")
    monkeypatch.setenv("SEOLLEM_THREADS", "")
    settings = load_settings(tmp_path / ".env")
    assert settings.discord_token is None
    assert settings.threads is None


def test_the_example_file_lists_every_setting_and_sets_the_defaults(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = {
        line.partition("=")[0] for line in example.splitlines() if line.startswith("SEOLLEM_")
    }
    assert listed == {f"SEOLLEM_{name.upper()}" for name in Settings.model_fields}
    assert load_settings(ROOT / ".env.example") == load_settings(tmp_path / "none")


def test_each_wrong_value_is_told_in_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEOLLEM_QUEUE_SIZE", "many")
    monkeypatch.setenv("SEOLLEM_THREADS", "0")
    monkeypatch.setenv("SEOLLEM_SILENCE_HOURS", "nan")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / ".env")
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    for name in ("SEOLLEM_QUEUE_SIZE=many", "SEOLLEM_THREADS=0", "SEOLLEM_SILENCE_HOURS=nan"):
        assert sum(line.startswith(name) for line in lines) == 1


@pytest.mark.parametrize("hours", ["1e-12", "0", "-1", "999999999999", "inf"])
def test_a_silence_that_no_calendar_knows_is_refused(
    hours: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEOLLEM_SILENCE_HOURS", hours)
    with pytest.raises(SettingsError, match=rf"SEOLLEM_SILENCE_HOURS={hours}: the value should be"):
        load_settings(tmp_path / ".env")


@pytest.mark.parametrize("token", ["two words", "설렘", "a\tb"])
def test_a_token_that_is_not_one_word_is_refused_and_never_repeated(
    token: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEOLLEM_DISCORD_TOKEN", token)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / ".env")
    assert "SEOLLEM_DISCORD_TOKEN" in str(caught.value)
    assert token not in str(caught.value)


def test_a_token_is_not_shown_by_accident(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEOLLEM_DISCORD_TOKEN", " se.cr.et \n")
    settings = load_settings(tmp_path / ".env")
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "se.cr.et"
    assert "se.cr.et" not in repr(settings)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("SEOLLEM_VISION_MODEL=모델".encode("cp949"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(tmp_path / ".env")
