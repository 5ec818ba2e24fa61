"""The silver standard of the 36 new emotions, and how rankings are scored against it."""

from pathlib import Path

import numpy as np
import pytest

from seollem.scoring.emotions import FACE_EMOTIONS, KOTE, NEW_EMOTIONS
from seollem.training.data.faces import FaceSet
from seollem.training.errors import DataError
from seollem.training.measure.cooccurrence import NAMED_IN_KOTE, cooccurrence, load_table
from seollem.training.measure.kote36 import (
    chance,
    constant_order,
    has_standard,
    ranking_measurements,
    relevance,
)
from seollem.training.measure.rankings import hit_at, ndcg_at, recall_at
from training_command import main

HAPPINESS, CONTEMPT = FACE_EMOTIONS.index("happiness"), FACE_EMOTIONS.index("contempt")


@pytest.fixture
def kote(tmp_path: Path) -> Path:
    """Comments in which 안심/신뢰 always goes with 행복, every other label by chance."""
    random = np.random.default_rng(4)
    for split in ("val", "test"):
        lines = ["id\ttext\tlabels"]
        for row in range(200):
            has = set(np.flatnonzero(random.random(len(KOTE)) < 0.3).tolist()) | {row % len(KOTE)}
            has -= {KOTE.index(label) for label in ("안심/신뢰", "기쁨")}
            if KOTE.index("행복") in has:
                has.add(KOTE.index("안심/신뢰"))
            lines.append(f"{row}\tcomment\t{','.join(map(str, sorted(has)))}")
        (tmp_path / f"kote_{split}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def test_the_command_finds_what_goes_together(kote: Path, tmp_path: Path) -> None:
    out = tmp_path / "table.json"
    assert main(["cooccurrence", "--kote", str(kote), "--out", str(out)]) == 0
    phi = load_table(out)
    assert phi[HAPPINESS, NEW_EMOTIONS.index("안심/신뢰")] == pytest.approx(1)
    others = [i for i, label in enumerate(NEW_EMOTIONS) if label != "안심/신뢰"]
    assert np.abs(phi[HAPPINESS, others]).max() < 0.25
    assert not phi[CONTEMPT].any()


def test_a_label_in_no_comment_is_an_error() -> None:
    has = np.ones((4, len(KOTE)), np.bool_)
    has[::2] = False
    has[:, KOTE.index("비장함")] = False
    with pytest.raises(DataError, match="no comment"):
        cooccurrence(has)


@pytest.mark.parametrize("text", ["", "[]", '{"table": {"anger": {}}}'])
def test_a_damaged_table_says_how_to_make_one(text: str, tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match="train cooccurrence"):
        load_table(path)


def test_the_shipped_table_knows_every_emotion_that_kote_names() -> None:
    phi = load_table()
    for emotion in NAMED_IN_KOTE:
        assert (phi[FACE_EMOTIONS.index(emotion)] > 0).sum() >= 5, emotion
    assert NEW_EMOTIONS[int(phi[HAPPINESS].argmax())] == "즐거움/신남"


def test_rankings_are_scored_from_worst_to_best() -> None:
    wanted = np.array([[5.0, 4, 3, 2, 1, 0, 0, 0, 0, 0]])
    for score in (recall_at, ndcg_at, hit_at):
        assert score(wanted, wanted) == [1.0]
        assert score(-wanted, wanted) == [0.0]
    half = np.array([[0, 4.0, 3, 0, 0, 1, 1, 1, 0, 0]])
    assert recall_at(half, wanted) == [0.4]
    assert hit_at(half, wanted) == [0.0]
    discounts = 1 / np.log2(np.arange(2, 7))
    gained = 4 * discounts[0] + 3 * discounts[1]
    assert ndcg_at(half, wanted) == pytest.approx(gained / (np.arange(5, 0, -1) @ discounts))


def test_votes_that_say_nothing_have_no_standard(few_faces: FaceSet) -> None:
    rows = few_faces.where(np.arange(len(few_faces)) < 3)
    rows.votes[0] = [0] * 7 + [10, 0, 0]  # all for contempt, which KOTE does not name
    rows.votes[1] = [0] * 8 + [10, 0]
    rows.votes[2] = [0, 10, *[0] * 8]
    assert has_standard(rows).tolist() == [False, False, True]
    assert relevance(rows)[2] == pytest.approx(load_table()[HAPPINESS].clip(min=0))


def test_chance_is_what_orders_drawn_by_lot_reach(few_faces: FaceSet) -> None:
    random = np.random.default_rng(9)
    wanted = relevance(few_faces)[has_standard(few_faces)]
    orders = [random.random(wanted.shape) for _ in range(200)]
    expected = chance(few_faces).figures
    for metric, score in {"recall@5": recall_at, "nDCG@5": ndcg_at}.items():
        reached = np.mean([score(order, wanted).mean() for order in orders])
        assert expected[metric].value == pytest.approx(reached, abs=0.01)


def test_the_constant_order_is_perfect_where_all_faces_are_alike(few_faces: FaceSet) -> None:
    alike = few_faces.where(few_faces.labels == 3)
    alike = alike.where(alike.votes[:, HAPPINESS] > 4)
    task = next(
        ranking_measurements(
            alike, "constant", lambda labels: constant_order(alike, len(alike), labels)
        )
    )
    assert dict(task.evaluator(np.arange(task.n)))["recall@5"] == 1.0
