"""The doctor names what is wrong and what to do about it, one line each."""

import base64
from pathlib import Path

import pytest

from seollem.bot import doctor, libraries
from seollem.bot.settings import Settings

pytestmark = pytest.mark.slow

SHAPED = ".".join((base64.urlsafe_b64encode(b"123456789012345678").decode(), "Gabcde", "x" * 38))


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]


def test_a_missing_system_library_is_named_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libraries, "_PACKAGES", {"libnowhere1": "libnowhere.so.1"})
    finding = doctor.system_libraries()
    assert finding.problem is not None
    assert "apt-get install --no-install-recommends libnowhere1" in finding.problem


def test_the_system_libraries_that_are_there_are_found() -> None:
    assert doctor.system_libraries().problem is None


def test_a_library_is_reported_with_its_version() -> None:
    finding = doctor.library("PIL", "pillow")
    assert finding.problem is None
    assert finding.detail[0].isdigit()


def test_a_library_that_cannot_be_imported_is_a_failure() -> None:
    finding = doctor.library("seollem_nowhere", "seollem-nowhere")
    assert finding.problem is not None
    assert "make run" in finding.problem


def test_a_mediapipe_that_phones_home_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0.10.35")
    finding = doctor.library("mediapipe", "mediapipe")
    assert finding.problem is not None
    assert "pip install mediapipe==0.10.33" in finding.problem


@pytest.mark.parametrize("token", ["abc", "a.b", "..", "abc.def.ghi", f"{SHAPED}.more"])
def test_a_token_of_another_shape_is_a_failure_that_does_not_repeat_it(token: str) -> None:
    finding = doctor.token(settings(discord_token=token))
    assert finding.problem is not None
    assert "SEOLLEM_DISCORD_TOKEN" in finding.problem
    assert token not in str(finding).split()


def test_a_token_of_the_right_shape_passes_and_shows_only_the_bot_s_id() -> None:
    finding = doctor.token(settings(discord_token=SHAPED))
    assert finding.problem is None
    assert "123456789012345678" in finding.detail
    assert SHAPED not in str(finding)


def test_without_a_token_nothing_is_wrong() -> None:
    assert doctor.token(settings()).problem is None


def test_a_file_that_is_not_a_database_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, only words. " * 100)
    found = {f.what: f for f in doctor.memory_and_model(settings(database_url=f"sqlite:///{path}"))}
    assert found["database"].problem is not None
    assert "NotADatabase" in found["database"].problem


def test_weights_that_are_not_there_are_a_failure(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'a.db'}"
    model = str(tmp_path)
    found = {
        f.what: f
        for f in doctor.memory_and_model(settings(database_url=database, vision_model=model))
    }
    assert found["reading a selfie"].problem is not None
    assert "BrokenWeights" in found["reading a selfie"].problem
    assert found["database"].problem is None


def test_a_reader_of_messages_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'a.db'}"
    found = {
        f.what: f
        for f in doctor.memory_and_model(settings(database_url=database, text_model=str(tmp_path)))
    }
    assert found["reading a message"].problem is not None
    assert "BrokenWeights" in found["reading a message"].problem
    assert found["reading a selfie"].problem is None
