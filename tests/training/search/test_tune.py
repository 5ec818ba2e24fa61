"""The search on Ray Tune, at its smallest."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from training_command import main

pytestmark = pytest.mark.slow

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


def test_the_best_settings_of_a_search_give_the_same_figure_again(
    command: list[str], data: Path, towers: list[str], tmp_path: Path
) -> None:
    assert main([*command, "--algorithm", "optuna"]) == 0
    out = tmp_path / "tune"
    rows = list(csv.DictReader((out / "trials.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 2
    assert (out / "trials.png").read_bytes().startswith(b"\x89PNG")

    best = max(rows, key=lambda row: float(row["score"]))
    again = ["--settings", str(out / "best.json"), "--epochs", best["epochs"], "--threads", "1"]
    paths = ["--data", str(data), *towers, "--out", str(tmp_path / "again")]
    assert main(["finetune", *again, *paths]) == 0
    last = json.loads((tmp_path / "again" / "metrics.jsonl").read_text().splitlines()[-1])
    assert last["score"] == pytest.approx(float(best["score"]), abs=0.08)


def test_a_stopped_search_goes_on_from_the_last_epoch_of_its_trials(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*command, "--trials", "1", "--epochs", "12"]
    driver = subprocess.Popen([sys.executable, "-m", "seollem.training", *command], cwd=os.getcwd())
    out = tmp_path / "tune"
    deadline = time.monotonic() + 120
    while not any(path.stat().st_size for path in out.rglob("result.json")):
        assert driver.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    driver.send_signal(signal.SIGINT)
    assert driver.wait(timeout=120) == 130
    assert not (out / "trials.csv").exists()

    assert main([*command, "--set", "head_rate=0.01"]) == 1
    assert "head_rate (was 0.0012, now 0.01)" in capsys.readouterr().err
    assert main(command) == 0
    assert main([*command, "--trials", "2"]) == 1
    assert "trials (was 1, now 2)" in capsys.readouterr().err
    (report,) = out.rglob("result.json")
    epochs = [json.loads(line)["epoch"] for line in report.read_text().splitlines()]
    assert epochs.count(1) == 1
    assert epochs[-1] == 12


def test_without_ray_the_message_says_what_to_install(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(command) == 1
    assert "seollem[tune]" in capsys.readouterr().err
