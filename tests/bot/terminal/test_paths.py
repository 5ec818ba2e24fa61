"""A dragged file is a selfie however the terminal writes it; a sentence stays a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from seollem.bot.terminal.paths import picture_path, selfie_and_words


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "내 사진 it's me.jpg"
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    "paste",
    [
        lambda path: str(path),
        lambda path: f"{path}  ",
        lambda path: f'"{path}"',
        lambda path: f'"{path}" ',
        lambda path: "'" + str(path).replace("'", "'\\''") + "' ",
        lambda path: str(path).replace(" ", "\\ ").replace("'", "\\'"),
        lambda path: path.as_uri(),
        lambda path: f"{path.as_uri()}\r\n",
    ],
    ids=["plain", "blank after", "double", "double, blank", "single", "backslashes", "uri", "crlf"],
)
def test_terminals_paste_dragged_files_in_many_ways(
    paste: Callable[[Path], str], photo: Path
) -> None:
    assert picture_path(paste(photo)) == photo


def test_the_home_folder_may_be_a_tilde(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(photo.parent))
    assert picture_path(f"~/{photo.name}") == photo


def test_a_file_without_a_picture_s_ending_counts_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert picture_path(str(tmp_path / "README")) == tmp_path / "README"
    assert picture_path("README") is None


@pytest.mark.parametrize("line", ["selfie.jpg", "/nowhere/selfie.PNG", "'gone.heic'", "~/x.gif"])
def test_a_missing_picture_is_still_meant_as_a_picture(line: str) -> None:
    assert picture_path(line) is not None


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "오늘 정말 설렜어",
        "look at cat.jpg",
        "it's fine",
        "https://example.org/me.jpg",
        "/mood",
        ".",
        "..",
        "a" * 5000,
        "nul\0byte",
        '"',
        "~nobody-of-this-name/hello",
    ],
)
def test_a_sentence_is_a_message(line: str) -> None:
    assert picture_path(line) is None


@pytest.mark.parametrize("written", ["{}", '"{}"', "{}  "])
@pytest.mark.parametrize("words", ["", "오늘 정말 행복해", "like this.png one", "it's fine"])
def test_words_may_follow_a_picture_s_path(written: str, words: str, photo: Path) -> None:
    line = f"{written.format(photo)} {words}"
    assert selfie_and_words(line) == (photo, words)


@pytest.mark.parametrize("name", ["README.md", "photo", "내 사진", "it's"])
def test_words_may_follow_any_file_s_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(b"")
    written = f"'{name}'" if " " in name else name
    assert selfie_and_words(f"{written} so happy, it's you") == (Path(name), "so happy, it's you")
    assert selfie_and_words(f"{written} like this.png one") == (Path(name), "like this.png one")
    assert selfie_and_words(written) == (Path(name), "")


def test_a_picture_whose_name_begins_like_another_file_s_is_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("my", "my photo", "my face.jpg"):
        (tmp_path / name).write_bytes(b"")
    assert selfie_and_words("my photo") == (Path("my photo"), "")
    assert selfie_and_words("my face.jpg hello") == (Path("my face.jpg"), "hello")
    assert selfie_and_words("my hello") == (Path("my"), "hello")


def test_a_long_line_is_not_searched_for_ever() -> None:
    line = "gone " + "it's \"" * 200_000
    assert selfie_and_words(line) == (Path(line), "")


def test_a_picture_that_is_not_there_ends_where_its_name_does() -> None:
    assert selfie_and_words("gone.jpg 보고 싶어") == (Path("gone.jpg"), "보고 싶어")
    assert selfie_and_words("gone") == (Path("gone"), "")
    assert selfie_and_words("gone.jpg") == (Path("gone.jpg"), "")


def test_of_two_endings_the_one_of_a_file_counts(tmp_path: Path) -> None:
    copy = tmp_path / "me.png copy.png"
    copy.write_bytes(b"")
    assert selfie_and_words(f"{copy} hello") == (copy, "hello")
