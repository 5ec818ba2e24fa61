"""The table of label weights: what ships, and what is refused."""

import json
from pathlib import Path

import pytest

from seollem.scoring.agreement import agreement, load_cooccurrence
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE
from seollem.scoring.encoders import TextEncoder
from seollem.scoring.errors import WeightsError
from seollem.scoring.label_weights import SHIPPED, LabelWeights


def test_the_shipped_table_weighs_every_emotion_that_is_read() -> None:
    weights = LabelWeights.load()
    assert set(weights) == {*FACE_EMOTIONS, *KOTE}
    assert max(map(abs, weights.values())) == 1.0
    assert "KOTE" in weights.provenance


def test_warm_emotions_draw_near_and_cold_ones_push_away() -> None:
    weights = LabelWeights.load()
    assert weights["happiness"] > weights["surprise"] > weights["neutral"] > weights["sadness"]
    assert weights["sadness"] > weights["contempt"]
    assert weights["sadness"] > weights["anger"]
    assert weights["아껴주는"] > 0.5 > -0.5 > weights["증오/혐오"]


def test_neutral_weighs_nothing_and_a_face_s_emotion_what_its_kote_label_does() -> None:
    weights = LabelWeights.load()
    assert weights["neutral"] == weights["없음"] == 0
    assert weights["sadness"] == weights["슬픔"]
    assert weights["anger"] == weights["화남/분노"]


def test_the_shipped_weights_agree_with_what_people_feel_together() -> None:
    found = agreement(LabelWeights.load(), load_cooccurrence())
    assert found is not None
    assert found.labels == len(KOTE)
    assert found.spearman >= 0.85
    assert found.spearman_positive is not None
    assert found.spearman_positive >= 0.5
    assert found.sign >= 0.95
    table = json.loads(SHIPPED.read_text(encoding="utf-8"))
    assert table["agreement"]["spearman"] == pytest.approx(found.spearman, abs=1e-3)


def test_the_table_was_built_by_the_encoder_that_ships() -> None:
    table = json.loads(SHIPPED.read_text(encoding="utf-8"))
    encoder = TextEncoder.from_pretrained()
    assert table["encoder"] == {"name": encoder.name, "sha256": encoder.identity}


def test_the_card_shows_the_weights_that_ship() -> None:
    card = SHIPPED.with_name("CARD.md").read_text(encoding="utf-8")
    for label, weight in LabelWeights.load().items():
        (row,) = [line for line in card.splitlines() if line.startswith(f"| {label} ")]
        assert f"| {weight:.4f} |" in row


def test_a_label_that_is_not_there_is_not_there() -> None:
    weights = LabelWeights({"joy": 1}, provenance="made up")
    assert "rage" not in weights
    assert weights.get("rage") is None
    assert dict(weights) == {"joy": 1.0}


@pytest.mark.parametrize("weight", [1.01, -2, float("nan"), float("inf"), "0.5", None, True])
def test_a_weight_outside_the_range_is_refused(weight: float) -> None:
    with pytest.raises(WeightsError, match="'joy'"):
        LabelWeights({"joy": weight}, provenance="made up")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"weights": {}, "provenance": "made up"}',
        b'{"weights": [1], "provenance": "made up"}',
        b'{"weights": {"joy": 1}, "provenance": null}',
        b'{"weights": {"joy": 7}, "provenance": "made up"}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights.json").write_bytes(content)
    with pytest.raises(WeightsError):
        LabelWeights.load(tmp_path / "weights.json")


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.json"):
        LabelWeights.load(tmp_path / "nowhere.json")
