"""Random search, and what it leaves behind."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from training.__main__ import main
from training.config import PRESETS
from training.errors import CheckpointError, SettingsError
from training.search import RESULTS_FILE, read_results
from training.space import SPACE, Choice, apply, draw
from training.trials import Trial, draw_trials, table

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
    "wrong", [{"rate": -1.0}, {"epochs": 0}, {"distill": 1.5}, {"head_epochs": 99}]
)
def test_a_value_that_a_setting_cannot_have_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        PRESETS["embedded"].changed(wrong)


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
    assert main([*command, "--trials", "2"]) == 0
    assert record.read_text().splitlines()[:2] == first
    assert "trial 1/2" not in capsys.readouterr().out  # it was not trained again

    rows = list(csv.DictReader((tmp_path / "search" / "trials.csv").open()))
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


def test_a_record_of_another_search_or_a_damaged_one_is_not_continued(tmp_path: Path) -> None:
    base = PRESETS["smoke"]
    path = tmp_path / RESULTS_FILE
    assert read_results(path, base) == []
    path.write_text(json.dumps(PRESETS["embedded"].as_dict()) + "\n")
    with pytest.raises(CheckpointError, match="other settings"):
        read_results(path, base)
    path.write_text("{")
    with pytest.raises(CheckpointError, match="damaged"):
        read_results(path, base)
