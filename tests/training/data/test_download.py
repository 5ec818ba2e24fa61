"""Kaggle's own client against a small Kaggle on loopback."""

import io
import itertools
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kaggle_server import KEY, TOKEN, USER, KaggleServer
from miniatures import (
    affectnet_faces,
    fer2013_folders,
    fer2013_rows,
    striped_face,
    write_affectnet,
    write_fer2013,
    write_folders,
)
from seollem.scoring.emotions import AFFECTNET as EXPRESSIONS
from seollem.training.data import download
from seollem.training.data.kaggle import CHUNK, RETRIES, Kaggle
from seollem.training.errors import (
    DataError,
    DownloadError,
    NoConnection,
    NoCredentials,
    NoSpace,
    NoSuchDataset,
    TermsNotAccepted,
)
from seollem.training.files import disk
from training_command import main

RENAMED = ("happiness", "sadness")  # in the copies
FER2013, AFFECTNET = "deadskull7/fer2013", "mstjebashazida/affectnet"


def zipped(folder: Path) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return file.getvalue()


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("archives")
    write_fer2013(folder / "fer2013", fer2013_rows(6, 2), votes=False)
    write_affectnet(folder / "affectnet", affectnet_faces(2, 1))
    return {FER2013: zipped(folder / "fer2013"), AFFECTNET: zipped(folder / "affectnet")}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without credentials, and an environment without any."""
    home = tmp_path / "home"
    (home / ".kaggle").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    from kaggle.api.kaggle_api_extended import KaggleApi

    monkeypatch.setattr(KaggleApi, "config", str(home / ".kaggle" / "kaggle.json"))
    return home


@pytest.fixture
def server(
    archives: dict[str, bytes], home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[KaggleServer]:
    """The client's requests end here, and its pauses between retries take no time."""
    from kaggle.api import kaggle_api_extended
    from kagglesdk import kaggle_env

    monkeypatch.setattr(kaggle_api_extended.time, "sleep", lambda seconds: None)
    # The miniature is as much of FER-2013 as there is.
    published = dict.fromkeys(download.FER2013_FACES, 10)
    monkeypatch.setattr(download, "PUBLISHED", {FER2013: published})
    with KaggleServer(dict(archives)) as server:
        production = kaggle_env.KaggleEnv.PROD
        monkeypatch.setitem(kaggle_env._env_to_endpoint, production, server.address)
        yield server


@pytest.fixture
def signed(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)


def test_both_data_sets_are_fetched_checked_and_ready_to_merge(
    server: KaggleServer, signed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "data"
    assert main(["download", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "| all | 70 |" in printed
    assert "| contempt | 3 |" in printed
    assert "2 skipped, labelled as uncertain" in printed
    assert sorted(path.name for path in out.iterdir()) == ["affectnet", "fer2013"]
    sources = [f"--{name}={out / name}" for name in ("fer2013", "affectnet")]
    assert main(["merge", *sources, "--out", str(out / "faces.parquet")]) == 0


def test_copies_are_understood_in_the_layouts_that_they_have_on_kaggle(
    server: KaggleServer, signed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """train/angry/Training_….jpg; archive (3)/Train/Anger/image….jpg beside a labels.csv."""
    faces = tmp_path / "layouts"
    write_folders(faces / "fer2013", fer2013_folders(fer2013_rows(6, 2)))
    names = [name.capitalize() for name in ("happy", "sad", *EXPRESSIONS) if name not in RENAMED]
    affectnet = (
        (f"archive (3)/{split}", name, f"image{number:07}.jpg", striped_face("fear", number))
        for number, (split, name) in enumerate(itertools.product(("Train", "Test"), names))
    )
    write_folders(faces / "affectnet", affectnet)
    (faces / "affectnet" / "archive (3)" / "labels.csv").write_text("pth,label,relFCs\n")
    copies = {"fer2013": "msambare/fer2013", "affectnet": AFFECTNET}
    server.datasets |= {copy: zipped(faces / source) for source, copy in copies.items()}
    out = tmp_path / "data"
    assert main(["download", "--fer2013", copies["fer2013"], "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "| anger | 10 |" in printed
    assert "| contempt | 2 |" in printed
    assert "skipped" not in printed


def test_what_is_there_is_not_fetched_again_and_what_is_lost_is(
    server: KaggleServer, signed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["download", "affectnet", "--out", str(tmp_path)]
    assert main(command) == 0
    assert main(command) == 0
    assert "is in" in capsys.readouterr().out
    assert len(server.ranges) == 1
    lost = next((tmp_path / "affectnet").rglob("*.jpg"))
    lost.unlink()
    assert main(command) == 0
    assert (len(server.ranges), lost.is_file()) == (2, True)


def test_a_cut_transfer_goes_on_where_it_stopped(
    server: KaggleServer, signed: None, tmp_path: Path
) -> None:
    server.longest_transfer = 3 * CHUNK + 100
    assert main(["download", "fer2013", "--out", str(tmp_path)]) == 0
    kept = range(3 * CHUNK, len(server.datasets[FER2013]) - 100, 3 * CHUNK)
    assert server.ranges == [None, *(f"bytes={start}-" for start in kept)]
    assert len(server.ranges) > 2


def test_a_later_command_goes_on_where_an_earlier_one_gave_up(
    server: KaggleServer, signed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.longest_transfer = CHUNK + 100
    command = ["download", "fer2013", "--out", str(tmp_path)]
    assert main(command) == 1
    assert "goes on with the rest" in capsys.readouterr().err
    reached = (tmp_path / "fer2013.zip").stat().st_size
    assert reached == CHUNK * (RETRIES + 1) < len(server.datasets[FER2013])
    server.longest_transfer = None
    server.ranges.clear()
    assert main(command) == 0
    assert server.ranges[-1] == f"bytes={reached}-"


def test_a_part_of_another_version_is_not_continued(
    server: KaggleServer, signed: None, tmp_path: Path
) -> None:
    older = server.datasets[AFFECTNET]
    server.datasets[AFFECTNET] = older + bytes(CHUNK * (RETRIES + 2))
    server.longest_transfer = CHUNK + 100
    command = ["download", "affectnet", "--out", str(tmp_path)]
    assert main(command) == 1
    changed = io.BytesIO(older)
    with zipfile.ZipFile(changed, "a") as archive:
        archive.writestr("README.md", "a new version")
    server.datasets[AFFECTNET] = changed.getvalue()
    server.longest_transfer = None
    assert main(command) == 0
    assert (tmp_path / "affectnet" / "README.md").is_file()


def test_every_form_of_credentials_is_understood(
    server: KaggleServer, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch() -> str:
        Kaggle().fetch(FER2013, tmp_path)
        return server.who[-1]

    with monkeypatch.context() as patch:
        patch.setenv("KAGGLE_USERNAME", USER)
        patch.setenv("KAGGLE_KEY", KEY)
        assert fetch() == "key"
    file = home / ".kaggle" / "kaggle.json"
    file.write_text(json.dumps({"username": USER, "key": KEY}))
    file.chmod(0o600)
    assert fetch() == "key"
    file.unlink()
    (home / ".kaggle" / "access_token").write_text(TOKEN)
    assert fetch() == "token"


def test_without_credentials_the_message_says_where_they_go(
    server: KaggleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", "--out", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert "~/.kaggle/access_token" in captured.err
    assert "kaggle.json" in captured.err
    assert captured.out == ""


def test_refused_credentials_are_no_credentials(
    server: KaggleServer, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("KAGGLE_API_TOKEN", "KGAT_unknown")
        with pytest.raises(NoCredentials):
            Kaggle()
    monkeypatch.setenv("KAGGLE_USERNAME", USER)
    monkeypatch.setenv("KAGGLE_KEY", "of somebody else")
    with pytest.raises(NoCredentials, match="does not know"):
        Kaggle().fetch(FER2013, tmp_path)


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (403, TermsNotAccepted, "accept its terms"),
        (404, NoSuchDataset, "another copy"),
        (503, NoConnection, "Try again later"),
    ],
)
def test_a_refusal_says_what_to_do(
    server: KaggleServer,
    signed: None,
    tmp_path: Path,
    status: int,
    kind: type[DownloadError],
    message: str,
) -> None:
    kaggle = Kaggle()
    server.status = status
    with pytest.raises(kind, match=message) as caught:
        kaggle.fetch(FER2013, tmp_path)
    assert f"https://www.kaggle.com/datasets/{FER2013}" in str(caught.value)


def test_no_network_gives_a_message(
    server: KaggleServer, signed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kagglesdk import kaggle_env

    kaggle = Kaggle()
    production = kaggle_env.KaggleEnv.PROD
    monkeypatch.setitem(kaggle_env._env_to_endpoint, production, "http://127.0.0.1:9")
    with pytest.raises(NoConnection, match="cannot be reached"):
        kaggle.fetch(FER2013, tmp_path)
    with pytest.raises(NoConnection, match="cannot be reached"):
        Kaggle()


def test_a_full_disk_is_noticed_before_anything_is_fetched(
    server: KaggleServer, signed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "RESERVE", 10**18)
    with pytest.raises(NoSpace, match="GB are needed"):
        Kaggle().fetch(FER2013, tmp_path)
    assert not (tmp_path / "fer2013.zip").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_disk_that_fills_up_meanwhile_gives_a_message(
    server: KaggleServer, signed: None, tmp_path: Path
) -> None:
    (tmp_path / "fer2013.zip").symlink_to("/dev/full")
    with pytest.raises(NoSpace, match="became full"):
        Kaggle().fetch(FER2013, tmp_path)


def test_without_the_client_the_message_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "kaggle.api.kaggle_api_extended", None)
    assert main(["download", "--out", str(tmp_path)]) == 1
    assert "seollem[train]" in capsys.readouterr().err


def test_an_incomplete_data_set_is_told_by_its_classes(
    server: KaggleServer, signed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = fer2013_rows(6, 2)
    rows.pop(next(number for number, row in enumerate(rows) if row.emotion == "fear"))
    server.datasets[FER2013] = zipped(write_fer2013(tmp_path / "part", rows, votes=False))
    assert main(["download", "fer2013", "--out", str(tmp_path)]) == 1
    assert "fear 9 instead of 10. " in capsys.readouterr().err


def test_a_damaged_archive_is_removed(
    server: KaggleServer, signed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = bytearray(server.datasets[FER2013])
    content[len(content) // 2] ^= 1  # its checksum is wrong now
    server.datasets[FER2013] = bytes(content)
    assert main(["download", "fer2013", "--out", str(tmp_path)]) == 1
    assert "is damaged" in capsys.readouterr().err
    assert not (tmp_path / "fer2013.zip").exists()


def test_an_archive_cannot_write_outside_its_folder(
    server: KaggleServer, signed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../escaped.txt", "here I am")
    server.datasets[FER2013] = file.getvalue()
    out = tmp_path / "a" / "b"
    assert main(["download", "fer2013", "--out", str(out)]) == 1
    assert "outside" in capsys.readouterr().err
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_folder_with_another_data_set_is_not_written_over(
    server: KaggleServer, signed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", "fer2013", "--out", str(tmp_path)]) == 0
    other = ["download", "fer2013", "--fer2013", "msambare/fer2013", "--out", str(tmp_path)]
    assert main(other) == 1
    assert f"holds {FER2013}" in capsys.readouterr().err


def test_names_that_are_none_are_refused(
    server: KaggleServer, signed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("fer2013", "a/b/c/d", "https://www.kaggle.com/datasets/a/b", "../a"):
        with pytest.raises(DataError, match="OWNER/DATASET"):
            Kaggle().fetch(name, tmp_path)
    assert main(["download", "fer2014", "--out", str(tmp_path)]) == 1
    assert "no source 'fer2014'" in capsys.readouterr().err
