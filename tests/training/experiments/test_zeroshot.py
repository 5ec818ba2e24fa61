"""Labels never trained on, compound expressions, and which text tower names emotions better."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from seollem.scoring.emotions import FACE_EMOTIONS, NEW_EMOTIONS
from seollem.training.data.faces import FaceSet, Split
from seollem.training.experiments.label_spaces import Seen, retrain
from seollem.training.finetune.config import PRESETS
from seollem.training.measure.classifiers import ZeroShotClassifier, predict_with
from seollem.training.measure.compound import compound_measurements, constant_pair, is_compound
from seollem.training.measure.metrics import accuracy
from seollem.training.measure.zeroshot_rows import WORDINGS, zero_shot
from seollem.training.towers.checkpoints import load_checkpoint, save_text_tower
from seollem.training.towers.predict import embed_all, embed_features, tower_features
from seollem.training.towers.vocabulary import load_text_tower
from seollem.vision.text_tower import TextTower
from training_command import main

pytestmark = pytest.mark.slow

SURPRISE, FEAR = FACE_EMOTIONS.index("surprise"), FACE_EMOTIONS.index("fear")


@pytest.fixture(scope="module")
def data(few_faces: FaceSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "faces.npz"
    few_faces.save(path)
    return path


def test_kept_tower_features_give_what_the_whole_model_gives(
    untrained_checkpoint: Path, few_faces: FaceSet
) -> None:
    model = load_checkpoint(untrained_checkpoint)
    whole = embed_all(model, few_faces.images[:20], "ferplus")
    kept = tower_features(model, few_faces.images[:20])
    assert torch.allclose(embed_features(model, kept, "ferplus"), whole, atol=1e-5)


def test_heads_trained_anew_learn_the_labels_and_leave_the_tower_as_it_was(
    untrained_checkpoint: Path, few_faces: FaceSet, sentence_encoder: Path
) -> None:
    model = load_checkpoint(untrained_checkpoint)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    faces = few_faces.where(few_faces.plurality >= 0)
    random = torch.Generator().manual_seed(1)
    kinds = torch.randn(8, 1024, generator=random)[torch.from_numpy(faces.plurality)]
    features = kinds + torch.randn(2, len(faces), 1024, generator=random)
    tower = TextTower.from_pretrained(sentence_encoder)
    many = Seen(_repeated(faces, 10), features.repeat(1, 10, 1))
    (fresh,), label_space = retrain(model, tower, many, PRESETS["embedded"], runs=1)
    read = predict_with(fresh, label_space, features)(FACE_EMOTIONS)
    untrained = predict_with(model, label_space, features)(FACE_EMOTIONS)
    assert accuracy(read, faces.plurality) > accuracy(untrained, faces.plurality) + 0.3
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_a_face_between_two_emotions_is_right_when_both_are_on_top(few_faces: FaceSet) -> None:
    assert is_compound(few_faces)[::5].sum() == len(few_faces.votes[::5])
    both = np.zeros((len(few_faces), 8), np.float32)
    both[:, [SURPRISE, FEAR]] = 0.4, 0.3
    one = np.zeros_like(both)
    one[:, [0, FEAR]] = 0.4, 0.3
    assert compound_figures(few_faces, both) == {"both in the top 2": 1.0, "of the two": 1.0}
    assert compound_figures(few_faces, one) == {"both in the top 2": 0.0, "of the two": 0.5}
    assert constant_pair(few_faces, 2, FACE_EMOTIONS)[1].nonzero()[0].tolist() == [SURPRISE, FEAR]


def test_zeroshot_sets_text_towers_beside_each_other(
    untrained_checkpoint: Path,
    data: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "zeroshot.json"
    command = ["zeroshot", "--model", str(untrained_checkpoint), "--data", str(data)]
    assert main([*command, "--encoder", str(sentence_encoder), "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    rows = json.loads(out.read_text("utf-8"))["figures"]
    groups = {row["group"] for row in rows}
    assert {"FERPlus, Korean synonyms", "Compound", f"{len(NEW_EMOTIONS)} new emotions"} <= groups
    for row in rows:
        assert f"| {row['group']} | {row['name']} | {row['n'] or '–'} |" in printed
        for figure in row["figures"].values():
            assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
    of_the_tower = [row for row in rows if row["name"].startswith(str(sentence_encoder))]
    of_the_model = [row for row in rows if row["name"].startswith("emotion-clip")]
    assert len(of_the_tower) == len(of_the_model) == 7


def test_a_run_without_a_text_tower_is_refused_before_any_work_unless_others_are_named(
    untrained_checkpoint: Path,
    data: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = tmp_path / "run"
    shutil.copytree(untrained_checkpoint, run, ignore=shutil.ignore_patterns("text"))
    command = ["zeroshot", "--model", str(run), "--data", str(data)]

    assert main(command) == 1
    assert "name towers with --encoder" in capsys.readouterr().err
    assert main([*command, "--encoder", str(sentence_encoder)]) == 0
    printed = capsys.readouterr().out
    assert str(sentence_encoder) in printed
    assert "emotion-clip" not in printed


def test_a_split_that_nobody_voted_on_is_named(
    untrained_checkpoint: Path,
    few_faces: FaceSet,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    few_faces.where(few_faces.splits != Split.PRIVATE).save(tmp_path / "faces.npz")
    command = ["zeroshot", "--model", str(untrained_checkpoint)]
    assert main([*command, "--data", str(tmp_path / "faces.npz")]) == 1
    assert "no face of the private split" in capsys.readouterr().err


def test_a_test_without_a_face_has_no_row(few_faces: FaceSet) -> None:
    """Votes for contempt have no new emotion beside them, and these are not compound."""
    votes = np.zeros_like(few_faces.votes)
    votes[:, FACE_EMOTIONS.index("contempt")] = 10
    despised = dataclasses.replace(few_faces, votes=votes)
    reader = ZeroShotClassifier(
        "even", (lambda labels: np.full((len(votes), len(labels)), 0.1, np.float32),)
    )
    rows = [row for row in zero_shot([reader], few_faces, despised) if row.n is not None]
    assert {row.group for row in rows} == {f"FERPlus, {wording}" for wording in WORDINGS}
    despised.votes[:] = 0
    despised.votes[:, -1] = 10  # no face, says everybody
    assert not [row for row in zero_shot([reader], few_faces, despised) if row.n is not None]


def test_a_prefix_is_for_towers_whose_own_files_name_none(
    sentence_encoder: Path, tmp_path: Path
) -> None:
    tower = load_text_tower(str(sentence_encoder), "query: ")
    assert tower.prefix == "query: "
    save_text_tower(tower, tmp_path)
    assert load_text_tower(str(tmp_path), "passage: ").prefix == "query: "


def compound_figures(faces: FaceSet, read: np.ndarray) -> dict[str, float]:
    (task,) = compound_measurements(faces, "a reader", lambda labels: read)
    return dict(task.evaluator(np.arange(task.n)))


def _repeated(faces: FaceSet, times: int) -> FaceSet:
    return FaceSet(*(np.concatenate([getattr(faces, name)] * times) for name in FaceSet.__slots__))
