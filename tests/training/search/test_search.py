"""Random search, and what it leaves behind."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seollem.training.errors import CheckpointError, SettingsError
from seollem.training.finetune.config import PRESETS
from seollem.training.search.search import RESULTS_FILE, read_results, write_results
from seollem.training.search.space import SPACE, Choice, apply, draw
from seollem.training.search.trials import Trial, draw_trials, table
from training_command import main

pytestmark = pytest.mark.slow

SMALL = ["--preset", "smoke", "--set", "image_size=32", "--threads", "1"]


def test_a_trial_is_drawn_by_its_number_alone() -> None:
    assert draw(7, 3) == draw(7, 3)
    assert draw(7, 3) != draw(7, 4) != draw(8, 4)


def test_what_is_drawn_lies_in_the_space_and_covers_it() -> None:
    drawn = [draw(1, number) for number in range(200)]
    for name, kind in SPACE.items():
        values = [settings[name] for settings in drawn]
        if isinstance(kind, Choice):
            assert set(values) == set(kind.values)
        else:
            assert kind.low <= min(values) < max(values) <= kind.high
            middle = (kind.low * kind.high) ** 0.5
            assert 0.3 < np.mean(np.array(values) < middle) < 0.7


def test_the_heads_keep_their_lead_over_the_tower() -> None:
    base = PRESETS["embedded"]
    config = apply(draw(1, 1), base)
    assert config.head_rate / config.rate == pytest.approx(base.head_rate / base.rate)


def test_a_setting_that_does_not_exist_is_named_with_those_that_do() -> None:
    for wrong in ({"learning_rate": 1e-3}, {"rate": "fast"}, {"epochs": 2.5}, {"draw_votes": 1}):
        with pytest.raises(SettingsError, match="head_rate"):
            PRESETS["embedded"].changed(wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rate": -1.0}, "rate is -1.0, not a number of 0 or more"),
        ({"rate": float("inf")}, "rate is inf"),
        ({"rate": float("nan")}, "rate is nan"),
        ({"rate": 10**400}, "no setting rate"),
        ({"epochs": 0}, "epochs is 0, not a number of 1 or more"),
        ({"distill": 1.5}, "distill is 1.5, not between 0 and 1"),
        ({"head_epochs": 99}, "head_epochs"),
        ({"seed": -1}, "seed is -1, not between 0 and"),
        ({"augmentation": {"rotation": "x"}}, "no setting rotation = 'x'"),
        ({"augmentation": {"zoom": 1}}, "no setting zoom = 1. Settings: rotation, scale"),
        ({"augmentation": {"rotation": -1}}, "rotation is -1.0, not between 0 and 180"),
        ({"augmentation": {"scale": [0, 1]}}, "the smallest zoom, above 0"),
        ({"augmentation": {"scale": [2, 1]}}, "the smallest zoom, above 0"),
        ({"augmentation": {"scale": [1]}}, "no setting scale"),
        ({"augmentation": {"scale": 1}}, "no setting scale"),
        ({"augmentation": {"gamma": -0.1}}, "gamma is -0.1"),
        ({"augmentation": 5}, "no setting augmentation"),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        PRESETS["embedded"].changed(wrong)


def test_settings_come_back_from_their_json_as_they_were() -> None:
    config = PRESETS["refine"].changed({"augmentation": {"scale": [0.9, 2], "blur": 0}})
    assert config.augmentation.scale == (0.9, 2.0)
    assert PRESETS["smoke"].changed(json.loads(json.dumps(config.as_dict()))) == config


def test_the_table_and_the_chart_show_the_best_first(tmp_path: Path) -> None:
    trials = [
        Trial(number, draw(1, number), {"score": score, "epoch": 2, "ferplus": score})
        for number, score in enumerate((0.3, 0.5, 0.4))
    ]
    rows = table([*trials, Trial(3, draw(1, 3), {})]).splitlines()[2:]
    assert [row.split("|")[1].strip() for row in rows] == ["1", "2", "0", "3"]
    draw_trials(trials, tmp_path / "trials.png")
    assert (tmp_path / "trials.png").read_bytes().startswith(b"\x89PNG")


def test_a_search_goes_on_and_its_best_settings_give_the_same_figure_again(
    data: Path, towers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["search", *SMALL, "--data", str(data), *towers, "--out", str(tmp_path / "search")]
    assert main([*command, "--trials", "1"]) == 0
    record = tmp_path / "search" / RESULTS_FILE
    first = record.read_text().splitlines()
    assert main([*command, "--trials", "2", "--set", "mixup=0.5"]) == 1
    assert "mixup (was 0.0, now 0.5)" in capsys.readouterr().err
    assert main([*command, "--trials", "2"]) == 0
    assert record.read_text().splitlines()[:1] == first
    assert "trial 1/2" not in capsys.readouterr().out  # it was not trained again

    rows = list(
        csv.DictReader((tmp_path / "search" / "trials.csv").read_text("utf-8").splitlines())
    )
    best = max(rows, key=lambda row: float(row["score"]))
    again = ["--settings", str(tmp_path / "search" / "best.json"), "--threads", "1"]
    paths = ["--data", str(data), *towers, "--out", str(tmp_path / "again")]
    assert main(["finetune", *again, *paths]) == 0
    last = json.loads((tmp_path / "again" / "metrics.jsonl").read_text().splitlines()[-1])
    assert last["score"] == pytest.approx(float(best["score"]), abs=1e-3)


def test_a_search_in_which_every_loss_diverges_says_what_to_lower(
    data: Path, towers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wild = ["--set", "head_rate=1e30", "--set", "logit_scale=3", "--epochs", "3"]
    paths = ["--data", str(data), *towers, "--out", str(tmp_path), "--trials", "1"]
    assert main(["search", *SMALL, *wild, *paths]) == 1
    assert "Lower the rates" in capsys.readouterr().err


def test_results_of_another_search_or_damaged_ones_are_not_continued(tmp_path: Path) -> None:
    path = tmp_path / RESULTS_FILE
    assert read_results(path, seed=1) == []
    write_results([Trial(0, draw(1, 0), {"score": 0.5})], tmp_path)
    assert [trial.score for trial in read_results(path, seed=1)] == [0.5]
    with pytest.raises(CheckpointError, match="another space"):
        read_results(path, seed=2)
    path.write_text("{")
    with pytest.raises(CheckpointError, match="damaged"):
        read_results(path, seed=1)


@pytest.mark.parametrize("command", ["search", "tune"])
def test_a_search_without_a_trial_is_refused_with_the_least_number(
    command: str, data: Path, towers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = ["--data", str(data), *towers, "--out", str(tmp_path / "search")]
    assert main([command, *paths, "--trials", "0"]) == 1
    assert "--trials is 0; 1 is the least" in capsys.readouterr().err
    assert not (tmp_path / "search").exists()


def test_a_base_without_a_rate_gives_the_heads_no_ratio_to_keep() -> None:
    with pytest.raises(SettingsError, match="rate is 0"):
        apply(draw(1, 0), PRESETS["smoke"].changed({"rate": 0}))
