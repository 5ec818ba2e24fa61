"""From what people write to what SQLAlchemy takes."""

import importlib.util
from pathlib import Path

import pytest

from seollem.db import urls
from seollem.db.engine import create_engine
from seollem.db.errors import BadDatabaseUrl, MissingDriver
from seollem.db.urls import default_url, parse_url, place_of


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
def test_an_sqlite_file_is_opened_without_blocking(scheme: str) -> None:
    url = parse_url(f"{scheme}:////var/lib/seollem.db")
    assert (url.drivername, url.database) == ("sqlite+aiosqlite", "/var/lib/seollem.db")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_a_server_is_reached_without_blocking(scheme: str) -> None:
    url = parse_url(f"{scheme}://me:secret@db.example/seollem?sslmode=require")
    assert url.drivername == "postgresql+asyncpg"
    assert url.password == "secret"
    assert dict(url.query) == {"ssl": "require"}


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_url("sqlite:///~/seollem.db").database == str(tmp_path / "seollem.db")


def test_the_home_of_nobody_is_left_as_it_is_written() -> None:
    assert parse_url("sqlite:///~no-such-user/seollem.db").database == "~no-such-user/seollem.db"


def test_the_default_is_a_file_in_the_users_data_folder() -> None:
    path = Path(place_of(parse_url(default_url())))
    assert path.is_absolute()
    assert path.name == "seollem.db"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "cannot be read"),
        ("seollem.db", "cannot be read"),
        ("postgresql://me:hunter2@db:hunter2/x", "cannot be read"),
        ("mysql://me:hunter2@db/x", "'mysql' is not supported"),
        ("postgresql+psycopg2://me:hunter2@db/x", "'postgresql\\+psycopg2' is not supported"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///x.db?mode=ro", "a file's path and nothing else"),
        ("sqlite://x.db", "needs a file"),
        ("sqlite://hunter2/x.db", "a file's path and nothing else"),
    ],
)
def test_an_unusable_url_is_explained_without_its_password(url: str, reason: str) -> None:
    with pytest.raises(BadDatabaseUrl, match=reason) as caught:
        create_engine(url)
    assert "sqlite:///FILE" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        urls, "find_spec", lambda name: None if name == "asyncpg" else find_spec(name)
    )
    with pytest.raises(MissingDriver, match=r"pip install 'seollem\[postgres\]'"):
        create_engine("postgresql://me:secret@db/x")
