"""One table of figures with intervals, the same as JSON, and pictures of it."""

import dataclasses
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seollem.scoring.emotions import AFFECTNET, FACE_EMOTIONS, FER2013
from seollem.training.data.faces import FaceSet, Split
from seollem.training.measure.evaluate import predict, table
from seollem.training.measure.evaluators import Predictions, classification, mean_of
from seollem.training.measure.figures import Figure, Measurement, measure, measure_runs
from seollem.training.measure.metrics import calibration_error, reliability
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.text_tower import TextTower
from training_command import main


@pytest.fixture(scope="module")
def report(
    untrained_checkpoint: Path, few_faces: FaceSet, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What evaluate wrote, with what it printed in printed.txt."""
    folder = tmp_path_factory.mktemp("report")
    few_faces.save(folder / "faces.npz")
    paths = ["--model", str(untrained_checkpoint), "--data", str(folder / "faces.npz")]
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert main(["evaluate", *paths, "--out", str(folder)]) == 0
    (folder / "printed.txt").write_text(printed.getvalue(), "utf-8")
    return folder


def figures_of(report: Path) -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = json.loads((report / "evaluate.json").read_text("utf-8"))[
        "figures"
    ]
    return figures


def test_evaluate_prints_one_table_and_writes_the_same_figures(report: Path) -> None:
    lines = (report / "printed.txt").read_text("utf-8").splitlines()
    printed = [line for line in lines if line.startswith("| FER")]
    assert {row["group"] for row in figures_of(report)} >= {"FER-2013", "FERPlus recall"}
    for line, row in zip(printed, figures_of(report), strict=True):
        assert line.startswith(f"| {row['group']} | {row['name']} | {row['n']} |")
        for figure in row["figures"].values():
            assert str(Figure(**figure)) in line


def test_a_split_without_a_labelled_face_is_named(
    untrained_checkpoint: Path,
    few_faces: FaceSet,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    few_faces.where(few_faces.splits != Split.PUBLIC).save(tmp_path / "faces.npz")
    paths = ["--model", str(untrained_checkpoint), "--data", str(tmp_path / "faces.npz")]
    assert main(["evaluate", *paths, "--split", "public"]) == 1
    assert "no labelled face of the public split" in capsys.readouterr().err


def test_a_subset_without_a_face_has_no_row(few_faces: FaceSet) -> None:
    leaked = dataclasses.replace(few_faces, leaked=np.ones_like(few_faces.leaked))
    truth = leaked.truth("fer2013")
    answers = Predictions("fer2013", FER2013, np.eye(7, dtype=np.float32)[truth], truth)
    assert [task.name for task in table([answers], few_faces, leaked)] == [
        "all",
        "baseline: always the commonest",
    ]


def test_evaluate_draws_what_was_read_and_how_surely(report: Path) -> None:
    for annotator in ("fer2013", "ferplus"):
        for chart in ("confusion", "reliability"):
            with Image.open(report / f"{chart}_{annotator}.png") as picture:
                assert min(picture.size) > 300
                assert len(np.unique(np.asarray(picture.convert("L")))) > 10


def test_the_baseline_is_right_as_often_as_the_commonest_label_occurs(
    report: Path, few_faces: FaceSet
) -> None:
    (baseline,) = [
        row for row in figures_of(report) if row["group"] == "FERPlus" and "baseline" in row["name"]
    ]
    truth = few_faces.split(Split.PRIVATE).plurality
    share = (truth[truth >= 0] == FACE_EMOTIONS.index("surprise")).mean()
    assert baseline["figures"]["accuracy"]["value"] == pytest.approx(share)


def test_an_annotator_without_a_head_is_answered_by_the_one_for_selfies(
    untrained_checkpoint: Path, few_faces: FaceSet, sentence_encoder: Path
) -> None:
    model = load_checkpoint(untrained_checkpoint)
    model.config.reading_biases = [0.1 * i for i in range(8)]
    space = LabelSpace.load(
        untrained_checkpoint, lambda: TextTower.from_pretrained(sentence_encoder)
    )
    images = few_faces.images[:6]
    own = predict(model, space, images, "ferplus", FACE_EMOTIONS)
    other = predict(model, space, images, "affectnet", AFFECTNET)
    order = [FACE_EMOTIONS.index(label) for label in AFFECTNET]
    assert np.allclose(other, own[:, order], atol=1e-6)


def test_an_interval_is_as_wide_as_chance_makes_it() -> None:
    hits = np.tile([0.0, 1.0], 200)
    figure = measure(Measurement("", "", 400, mean_of({"hits": hits}))).figures["hits"]
    assert figure.value == 0.5
    normal = 1.96 * np.sqrt(0.25 / 400)
    assert figure.low == pytest.approx(0.5 - normal, abs=0.01)
    assert figure.high == pytest.approx(0.5 + normal, abs=0.01)
    certain = measure(Measurement("", "", 400, mean_of({"hits": np.ones(400)}))).figures["hits"]
    assert str(certain) == "1.000"


def test_several_runs_of_a_reader_give_their_mean_between_least_and_greatest() -> None:
    tasks = [Measurement("", "", 2, mean_of({"m": np.array([x, x])})) for x in (0.2, 0.6, 0.4)]
    figure = measure_runs(tasks).figures["m"]
    assert figure.value == pytest.approx(0.4)
    assert (figure.low, figure.high) == (0.2, 0.6)


def test_a_reading_as_sure_as_it_is_right_has_no_calibration_error() -> None:
    sure = np.array([[0.9, 0.1]] * 10 + [[0.4, 0.6]] * 10, np.float32)
    truth = np.array([0] * 9 + [1] + [1] * 6 + [0] * 4)
    assert calibration_error(sure, truth) == pytest.approx(0, abs=1e-6)
    confidence, right, share = reliability(sure, truth)
    assert np.allclose(confidence, right, atol=1e-6)
    assert share.tolist() == [0.5, 0.5]
    figures = dict(classification(sure, truth)(np.arange(20)))
    assert figures["accuracy"] == pytest.approx(0.75)
    assert figures["UAR"] == pytest.approx((9 / 13 + 6 / 7) / 2)
