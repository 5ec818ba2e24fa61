"""The search on Ray Tune, at its smallest."""

import csv
import json
import sys
from pathlib import Path

import pytest

from training.__main__ import main

SMALL = ["--preset", "smoke", "--set", "image_size=32", "--epochs", "2"]


@pytest.fixture
def command(
    data: Path,
    face_network: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    """Trials run in folders of their own; relative paths must mean the same there."""
    monkeypatch.chdir(face_network.parent)
    towers = ["--backbone", face_network.name, "--encoder", str(sentence_encoder)]
    out = str(tmp_path / "tune")
    return ["tune", *SMALL, "--data", str(data), *towers, "--out", out, "--trials", "2"]


def test_a_search_is_kept_and_its_best_settings_give_the_same_figure_again(
    command: list[str], data: Path, towers: list[str], tmp_path: Path
) -> None:
    assert main([*command, "--algorithm", "optuna"]) == 0
    out = tmp_path / "tune"
    rows = list(csv.DictReader((out / "trials.csv").open()))
    assert len(rows) == 2
    assert (out / "trials.png").read_bytes().startswith(b"\x89PNG")

    reports = {path: path.read_text() for path in out.rglob("result.json")}
    assert main([*command, "--algorithm", "optuna"]) == 0  # nothing is left to do
    assert {path: path.read_text() for path in out.rglob("result.json")} == reports

    best = max(rows, key=lambda row: float(row["score"]))
    again = ["--settings", str(out / "best.json"), "--epochs", best["epochs"], "--threads", "1"]
    paths = ["--data", str(data), *towers, "--out", str(tmp_path / "again")]
    assert main(["finetune", *again, *paths]) == 0
    last = json.loads((tmp_path / "again" / "metrics.jsonl").read_text().splitlines()[-1])
    assert last["score"] == pytest.approx(float(best["score"]), abs=0.08)


def test_without_ray_the_message_says_what_to_install(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(command) == 1
    assert "seollem[tune]" in capsys.readouterr().err
