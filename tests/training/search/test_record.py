"""What a search is of, and that nothing else is added to it."""

import re
from pathlib import Path

import click
import pytest

from seollem.cli.commands import PATH, Command
from seollem.training.data.faces import FaceSet
from seollem.training.errors import CheckpointError
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.finetune.options import Sources, with_settings, with_sources
from seollem.training.search.record import FILE_NAME, begin, record_of

Given = list[str]


@pytest.fixture
def given(data: Path, towers: list[str], tmp_path: Path) -> Given:
    return ["search", "--data", str(data), *towers, "--out", str(tmp_path / "search")]


@click.command(cls=Command)
@with_settings
@with_sources
@click.option("--out", type=PATH, required=True)
@click.pass_context
def start(ctx: click.Context, config: FinetuneConfig, sources: Sources, out: Path) -> None:
    faces = FaceSet.load(sources.data)
    begin(record_of(str(ctx.info_name), sources, config, faces, **ctx.obj), out)


def start_again(given: Given, **others: object) -> Path:
    with start.make_context(given[0], given[1:], obj=others) as context:
        start.invoke(context)
        out: Path = context.params["out"]
        return out


@pytest.fixture
def out(given: Given) -> Path:
    """A search with one result."""
    out = start_again(given)
    (out / "trials.jsonl").touch()
    return out


def test_the_same_search_goes_on_whatever_its_paths_are_called(
    given: Given, out: Path, face_network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (out / FILE_NAME).read_bytes()
    monkeypatch.chdir(face_network.parent)
    start_again([*given, "--backbone", face_network.name])
    assert (out / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (["--seed", "5"], "seed (was 20130713, now 5)"),
        (["--epochs", "2"], "epochs (was 20, now 2)"),
        (["--set", 'augmentation={"blur": 1}'], "augmentation.blur (was 0.2, now 1.0)"),
        (["--backbone", "openai/clip-vit-base-patch32"], "backbone (was"),
        (["--encoder", "skt/kobert-base-v1"], "now 'skt/kobert-base-v1')"),
        (["--teacher", "some", "--teacher", "other"], "teachers (was []"),
    ],
)
def test_a_search_of_something_else_is_refused_and_the_difference_named(
    given: Given, out: Path, change: Given, named: str
) -> None:
    with pytest.raises(CheckpointError, match=re.escape(named)):
        start_again([*given, *change])


def test_a_search_on_other_faces_is_refused(
    given: Given, out: Path, data: Path, tmp_path: Path
) -> None:
    faces = FaceSet.load(data)
    faces.votes[0] = faces.votes[0, ::-1].copy()
    faces.save(tmp_path / "other.npz")
    with pytest.raises(CheckpointError, match="another data"):
        start_again([*given, "--data", str(tmp_path / "other.npz")])


def test_another_kind_of_search_is_refused(given: Given, out: Path) -> None:
    with pytest.raises(CheckpointError, match="command"):
        start_again(["tune", *given[1:]])
    with pytest.raises(CheckpointError, match="algorithm"):
        start_again(given, algorithm="optuna")


def test_results_that_nothing_says_the_settings_of_are_not_added_to(
    given: Given, out: Path
) -> None:
    (out / FILE_NAME).write_text("[")
    with pytest.raises(CheckpointError, match="another --out"):
        start_again(given)
    (out / FILE_NAME).unlink()
    with pytest.raises(CheckpointError, match="another --out"):
        start_again(given)


def test_a_search_that_came_to_nothing_may_begin_otherwise(given: Given, out: Path) -> None:
    (out / "trials.jsonl").unlink()
    start_again([*given, "--seed", "5"])
    assert '"seed": 5' in (out / FILE_NAME).read_text()
