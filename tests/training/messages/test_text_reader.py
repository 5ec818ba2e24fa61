"""Corpora → text → text-export → text-evaluate on a miniature, and what scoring makes of it."""

import json
import lzma
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from seollem.scoring.emotions import KOTE
from seollem.scoring.label_weights import LabelWeights
from seollem.scoring.text import TextEmotionClassifier
from seollem.training.data.corpora import (
    Labelled,
    read_chat,
    read_chat_pairs,
    read_goemotions,
    read_kote,
    read_nsmc,
)
from seollem.training.errors import CheckpointError, DataError, DivergedError, SettingsError
from seollem.training.messages import train as text
from seollem.training.messages.chat_figures import chat_figures
from seollem.training.messages.config import Stage, TextConfig
from seollem.training.messages.network import merge_adapters
from seollem.training.messages.run import MessageRun, head_logits, sentence_vectors
from seollem.training.messages.tasks import Classify, Keep, batches
from seollem.training.runs.folder import STATE_FILE, load_state
from seollem.training.runs.loop import Run
from seollem.vision.checkpoints import verify_checksums, write_checksums
from training_command import main

pytestmark = pytest.mark.slow

HAPPY, SAD = KOTE.index("기쁨"), KOTE.index("슬픔")
KOTE_ROWS = [("행복해 정말", f"{HAPPY},40"), ("너무 슬픔 뿐", f"{SAD},36")]
STAGES = (
    Stage(
        "wide",
        dict.fromkeys(("goemotions", "english", "nsmc", "songys", "paraphrases"), 16),
        rate=1e-3,
    ),
    Stage("kote", {"kote": 1600, "korsts": 8}, rate=3e-3),
    Stage(
        "taught",
        {"chat": 8, "taught_goemotions": 8, "taught_nsmc": 8, "taught_songys": 8},
        rate=1e-4,
    ),
)
CONFIG = TextConfig(stages=STAGES, bfloat16=False, average=0.9, head_rate=0.05)


def _write(folder: Path, name: str, header: str, rows: list[str]) -> None:
    lines = [header.replace(" ", "\t"), *(row.replace("|", "\t") for row in rows)]
    (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpora, a few rows each."""
    folder = tmp_path_factory.mktemp("texts")
    for split, count in (("val", 40), ("test", 10)):
        rows = [f"{i}|{KOTE_ROWS[i % 2][0]} {i}|{KOTE_ROWS[i % 2][1]}" for i in range(count)]
        _write(folder, f"kote_{split}", "id text labels", rows)
    both = ["a|so happy {}|행복 {}|17|3", "b|so sad {}|슬픔 {}|25|5"]
    for split in ("train", "dev", "test"):
        rows = [both[i % 2].format(i, i) for i in range(20)]
        _write(folder, f"goemotions_{split}", "id text_en text_ko_mt labels28 labels_ekman7", rows)
    reviews = [f"{i}|1|{1 + i % 10}|재미 {i}" for i in range(12)] + ["99|1|5|행복해, 정말 0!"]
    _write(folder, "nsmc_reviews", "review_id movie_id rating document", reviews)
    plain = folder / "nsmc_reviews.tsv"
    (folder / "nsmc_reviews.tsv.xz").write_bytes(lzma.compress(plain.read_bytes()))
    plain.unlink()
    _write(folder, "songys_chatbot", "question answer label", [f"사랑 {i}|네|2" for i in range(9)])
    _write(
        folder, "qp_train", "q1 q2 is_different", [f"어이없네{i}|어이상실{i}|0" for i in range(9)]
    )
    for split in ("train", "test"):
        rows = [f"{i % 6}|{KOTE[i]}|{KOTE[i + i % 6]}|news" for i in range(12)]
        _write(folder, f"korsts_{split}", "score sentence1 sentence2 genre", rows)
    return folder


def _start(texts: Path, encoder: Path, out: Path, config: TextConfig = CONFIG) -> MessageRun:
    return text.open_run(config, texts=texts, encoder=str(encoder), out=out)


@pytest.fixture(scope="session")
def run(
    texts: Path, sentence_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> MessageRun:
    run = _start(texts, sentence_encoder, tmp_path_factory.mktemp("text-run"))
    run.train()
    return run


@pytest.fixture(scope="session")
def reader(
    run: MessageRun, texts: Path, sentence_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("reader")
    paths = ["--run", str(run.out), "--texts", str(texts), "--out", str(out)]
    assert main(["text-export", *paths, "--encoder", str(sentence_encoder)]) == 0
    return out


def test_what_was_learned_is_read_again_from_the_exported_folder(reader: Path) -> None:
    happy, sad = TextEmotionClassifier.from_pretrained(reader).read(
        ["행복해 정말 7", "너무 슬픔 뿐 7"]
    )
    assert happy.emotions["기쁨"] > happy.emotions["슬픔"]
    assert sad.emotions["슬픔"] > sad.emotions["기쁨"]
    assert "기쁨" in happy.present
    assert happy.model == "seollem-text-1"


def test_the_table_of_figures_stands_beside_its_baselines(
    reader: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    arguments = ["--model", str(reader), "--texts", str(texts), "--json", str(out)]
    assert main(["text-evaluate", *arguments]) == 0
    figures = {(row["of"], row["metric"]): row["value"] for row in json.loads(out.read_text())}
    assert figures["KOTE test", "auc"] > figures["KOTE test, constant order", "auc"]
    assert ("KOTE test, TF-IDF", "macro_f1") in figures
    assert 0 <= figures["Chat, Korean", "auc over everyday"] <= 1
    assert ("Chat, English, TF-IDF", "affection") in figures
    assert -1 <= figures["KorSTS test", "spearman"] <= 1
    assert "GoEmotions test, English" in capsys.readouterr().out


def test_a_run_that_was_stopped_ends_with_the_same_weights(
    texts: Path,
    sentence_encoder: Path,
    run: MessageRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seollem.training.messages.run.STEPS_BETWEEN_SAVES", 7)
    stopped = _start(texts, sentence_encoder, tmp_path)
    whole, count = Run._train_step, 0

    def until_interrupted(self: MessageRun, *given: object) -> float:
        nonlocal count
        count += 1
        if count == 17:
            raise KeyboardInterrupt
        return whole(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Run, "_train_step", until_interrupted)
    with pytest.raises(KeyboardInterrupt):
        stopped.train()
    monkeypatch.setattr(Run, "_train_step", whole)
    again = _start(texts, sentence_encoder, tmp_path)
    assert (again.stage, again.step) == (1, 7)
    again.train()
    for name, tensor in run.average.state.items():
        assert torch.allclose(tensor, again.average.state[name], atol=1e-6), name


def test_a_former_state_goes_on_to_the_same_weights(
    texts: Path, sentence_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seollem.training.messages.run.STEPS_BETWEEN_SAVES", 3)
    config = TextConfig(stages=(Stage("kote", {"kote": 160, "korsts": 64}, rate=1e-3),))
    whole = _start(texts, sentence_encoder, tmp_path / "whole", config)
    whole.train()
    saves = _start(texts, sentence_encoder, tmp_path / "stopped", config).saves()
    next(saves)
    saves.close()
    state = load_state(tmp_path / "stopped")
    assert state is not None
    assert (state["stage"], state["step"]) == (0, 3)
    torch.save(_as_formerly(state, whole), tmp_path / "stopped" / STATE_FILE)
    again = _start(texts, sentence_encoder, tmp_path / "stopped", config)
    again.train()
    for name, tensor in whole.average.state.items():
        assert torch.equal(tensor, again.average.state[name]), name


def _as_formerly(state: dict[str, Any], run: MessageRun) -> dict[str, Any]:
    """Other names, and a group for every parameter in the reader's order."""
    numbers = {
        id(parameter): number
        for number, parameter in enumerate(
            parameter
            for group in run.objective.parameter_groups(0)
            for parameter in group["params"]
        )
    }
    peaks = {
        number: group for group in state["optimizer"]["param_groups"] for number in group["params"]
    }
    order = [numbers[id(parameter)] for parameter in run.objective.reader.parameters()]
    moments = state["optimizer"]["state"]
    optimizer = {
        "state": {own: moments[number] for own, number in enumerate(order) if number in moments},
        "param_groups": [peaks[number] | {"params": [own]} for own, number in enumerate(order)],
    }
    former = {"config": "settings", "reader": "objective"}
    kept = {name: state[name] for name in ("stage", "step", "history", "average", "updates")}
    return kept | {old: state[new] for old, new in former.items()} | {"optimizer": optimizer}


def test_several_processes_are_refused(
    texts: Path, sentence_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched = SimpleNamespace(num_processes=2)
    monkeypatch.setattr("seollem.training.messages.train.accelerator", lambda: launched)
    with pytest.raises(SettingsError, match="2 were launched"):
        _start(texts, sentence_encoder, tmp_path)


def test_a_run_of_other_settings_is_not_continued(
    run: MessageRun, texts: Path, sentence_encoder: Path
) -> None:
    with pytest.raises(CheckpointError, match="other settings"):
        _start(texts, sentence_encoder, run.out, TextConfig(stages=STAGES, seed=3))


def test_a_run_of_other_comments_is_not_continued(
    run: MessageRun, texts: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "texts"
    shutil.copytree(texts, other)
    (path,) = other.glob("kote_val.tsv*")
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:-1], lines[-1].replace("\t", "\t참 ", 1)]), "utf-8")
    with pytest.raises(CheckpointError, match=r"data \(was"):
        _start(other, sentence_encoder, run.out)


def test_an_unfinished_run_is_not_exported(
    texts: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "_train_stage", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _start(texts, sentence_encoder, tmp_path).train()
    paths = ["--run", str(tmp_path), "--texts", str(texts), "--out", str(tmp_path / "out")]
    assert main(["text-export", *paths, "--encoder", str(sentence_encoder)]) == 1
    assert "has not come to its end" in capsys.readouterr().err


@pytest.mark.parametrize("shared", [False, True])
def test_an_export_that_was_stopped_leaves_what_was_there(
    run: MessageRun,
    texts: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shared: bool,
) -> None:
    out, tower = tmp_path / "reader", tmp_path / "tower"
    command = ["text-export", "--run", str(run.out), "--texts", str(texts), "--out", str(out)]
    command += ["--encoder", str(sentence_encoder), *(["--embedded", str(tower)] if shared else [])]
    assert main(command) == 0
    for path in _contents(tmp_path):
        path.write_bytes(b"former")
    before = _contents(tmp_path)

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("seollem.training.messages.export.calibrate_run", stopped)
    assert main(command) != 0
    assert before.items() <= _contents(tmp_path).items()
    monkeypatch.undo()
    assert main(command) == 0
    assert _contents(tmp_path).keys() == before.keys()
    assert b"former" not in _contents(tmp_path).values()


def test_a_shared_tower_is_not_refused_by_the_checkpoint_that_it_is_a_part_of(
    run: MessageRun,
    texts: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tower = tmp_path / "face" / "text"
    tower.mkdir(parents=True)
    (tower / "model.int8.safetensors").write_bytes(b"former")
    write_checksums(tower.parent)
    command = ["text-export", "--run", str(run.out), "--texts", str(texts)]
    command += ["--encoder", str(sentence_encoder), "--out", str(tmp_path / "reader")]
    assert main([*command, "--embedded", str(tower)]) == 0
    verify_checksums(tower.parent, below="text/")
    told = capsys.readouterr().out
    assert f"seollem train export --run {tower.parent} " in told
    assert "python -m scoring build-weights" in told


def test_what_hears_tfidf_says_at_its_start_that_it_is_not_installed(
    reader: Path,
    texts: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    learn = ["text", "--encoder", str(sentence_encoder), "--out", str(tmp_path / "run")]
    for command in (learn, ["text-evaluate", "--model", str(reader)]):
        assert main([*command, "--texts", str(texts)]) == 1
        printed = capsys.readouterr()
        assert "pip install 'seollem[train]'" in printed.err
        assert printed.out == ""
    assert not (tmp_path / "run").exists()


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_loss_that_is_no_number_ends_the_run(
    texts: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    run = _start(texts, sentence_encoder, tmp_path)
    with torch.no_grad():
        for parameter in run.objective.reader.heads.parameters():
            parameter.fill_(float("nan"))
    with pytest.raises(DivergedError, match="lower rate"):
        run.train()


@pytest.mark.parametrize("part", ["last", "adapter"])
def test_only_the_part_that_was_chosen_trains(
    part: str, texts: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    stage = Stage("kote", {"kote": 32}, rate=1e-2)
    run = _start(texts, sentence_encoder, tmp_path, TextConfig(stages=(stage,), trainable=part))
    embedding = run.objective.reader.tower.encoder.get_input_embeddings()
    assert isinstance(embedding, torch.nn.Embedding)
    word = embedding.weight.clone()
    before = head_logits(run.objective.reader, ("행복해",))
    run.train()
    assert torch.equal(word, embedding.weight)
    after = head_logits(run.objective.reader, ("행복해",))
    assert not np.allclose(before, after)
    merge_adapters(run.objective.reader.tower)
    assert np.allclose(after, head_logits(run.objective.reader, ("행복해",)), atol=1e-4)
    assert not any("lora" in name for name in run.objective.reader.state_dict())


def test_a_finished_reader_learns_chat_and_keeps_what_it_knows(
    reader: Path, texts: Path, tmp_path: Path
) -> None:
    kept = dict.fromkeys(("kept_kote", "kept_nsmc", "kept_goemotions", "kept_emotions"), 160)
    vectors = {}
    for name, rows in (("free", {}), ("kept", kept)):
        stage = Stage("chat", {"chat": 160, "chat_pairs": 80} | rows, rate=1e-3)
        run = text.open_run(
            TextConfig(stages=(stage,), head_rate=0.0, average=0.9),
            texts=texts,
            encoder=str(reader),
            out=tmp_path / name,
            reader=reader,
        )
        heads = {
            key: value.clone() for key, value in run.objective.reader.heads.state_dict().items()
        }
        keep = run.objective.tasks("kept_kote")
        assert isinstance(keep, Keep)
        known = keep.texts
        vectors["before"] = sentence_vectors(run.objective.reader, known)
        run.train()
        vectors[name] = sentence_vectors(run.objective.reader, known)
        after = run.objective.reader.heads.state_dict()
        assert all(torch.equal(value, after[key]) for key, value in heads.items())
        assert run.history[-1]["loss"]["chat"] < 44 * 0.25
        assert 0 <= run.history[-1]["chat, Korean"]["auc over everyday"] <= 1
    drift = {name: 1 - (vectors[name] * vectors["before"]).sum(axis=1).mean() for name in vectors}
    assert drift["kept"] < drift["free"]


@pytest.mark.parametrize("content", [None, b"not safetensors"])
def test_a_folder_without_fitting_heads_is_refused(
    content: bytes | None, texts: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "heads.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match="holds no heads"):
        text.open_run(
            CONFIG, texts=texts, encoder=str(sentence_encoder), out=tmp_path, reader=tmp_path
        )


def test_chat_lines_are_labelled_and_stand_in_one_split_alone() -> None:
    splits = {split: read_chat(split) for split in ("learn", "dev", "test")}
    kinds = {"affection", "everyday", "rejection", "hostile", "trouble", "joy"}
    for split, (lines, own) in splits.items():
        assert set(own) == kinds
        assert lines.targets.any(axis=1).all()
        none = lines.targets[:, KOTE.index("없음")] > 0
        is_everyday = np.array(own) == "everyday"
        assert not (none & ~is_everyday).any()
        assert all(none == is_everyday) or split == "dev"  # which has two friendly greetings
    pairs = read_chat_pairs()
    assert pairs.targets.any(axis=1).all()
    texts = [*(lines.texts for lines, _ in splits.values()), pairs.left + pairs.right]
    bare = [{"".join(filter(str.isalnum, line.lower())) for line in some} - {""} for some in texts]
    learned, dev, test, paired = bare
    assert not (learned | paired) & dev
    assert not (learned | paired | dev) & test


def test_affection_is_told_apart_by_kinds_of_lines() -> None:
    probabilities = np.zeros((4, len(KOTE)), np.float32)
    for row, label in enumerate(("아껴주는", "없음", "증오/혐오", "기쁨")):
        probabilities[row, KOTE.index(label)] = 1.0
    figures = chat_figures(probabilities, ("affection", "everyday", "hostile", "everyday"))
    weights = LabelWeights.load()
    assert figures["affection"] == pytest.approx(50 * (1 + weights["아껴주는"]), abs=1e-3)
    assert figures["everyday"] == pytest.approx(50 * (1 + weights["기쁨"] / 2), abs=1e-3)
    assert figures["auc over everyday"] == figures["auc over unkind"] == 1.0


def test_reviews_that_equal_a_comment_are_left_out(texts: Path) -> None:
    kote = read_kote(texts, "val")
    assert len(read_nsmc(texts, without=Labelled((), kote.targets[:0]))) == 13
    assert len(read_nsmc(texts, without=kote)) == 12


def test_official_files_without_a_header_are_read(texts: Path, tmp_path: Path) -> None:
    lines = (texts / "kote_val.tsv").read_text("utf-8").splitlines(keepends=True)[1:]
    (tmp_path / "train.tsv").write_text("".join(lines), "utf-8")
    assert read_kote(tmp_path, "train").texts == read_kote(texts, "val").texts


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id\ttext\tlabels\n1\tx\t44\n", "not numbers from 0 to 43"),
        ("id\ttext\tlabels\n1\tx\n", "row 1: 2 columns, not 3"),
        ("id\ttext\tlabels\n1\t\xff\t4\n".encode("latin-1"), "cannot be read"),
        ("id\ttext\tlabel\n1\tx\t4\n", "'labels' is missing"),
        ("id\ttext\tlabels\n", "KOTE's val holds no row"),
        (None, "holds no kote_val.tsv"),
    ],
)
def test_a_corpus_of_another_form_says_what_is_wrong(
    content: str | bytes | None, message: str, tmp_path: Path
) -> None:
    if content is not None:
        raw = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "kote_val.tsv").write_bytes(raw)
    with pytest.raises(DataError, match=message):
        read_kote(tmp_path, "val")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "goemotions_dev.tsv").write_text("id\ttext_en\n1\thello\n", "utf-8")
    with pytest.raises(DataError, match="labels28"):
        read_goemotions(tmp_path, "dev")


def test_a_batch_holds_texts_of_about_one_length_and_every_row_comes_as_often() -> None:
    data = Labelled(tuple("가" * (1 + i * 37 % 100) for i in range(100)), np.zeros((100, 44), "f4"))
    task = Classify("kote", data, batch_size=10)
    drawn = batches(task, 200, np.random.default_rng(1))
    assert sorted(np.concatenate(drawn)) == sorted([*range(100), *range(100)])
    assert max(np.ptp(task.lengths[rows]) for rows in drawn) <= 10


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seed": -1}, "seed is -1, not between 0 and"),
        ({"held_out": 1.0}, "held_out is 1.0, not between 0 and 0.9"),
        ({"dropout": 1.5}, "dropout is 1.5"),
        ({"head_rate": -1.0}, "head_rate is -1.0, not a number of 0 or more"),
        ({"stages": ()}, "without stages"),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        TextConfig(**{"stages": STAGES, **wrong})


def test_a_stage_has_rows_and_a_rate(
    texts: Path, sentence_encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SettingsError, match="0 rows of kote; 1 is the least"):
        Stage("kote", {"kote": 0}, rate=1e-3)
    command = ["text", "--texts", str(texts), "--encoder", str(sentence_encoder)]
    assert main([*command, "--out", str(tmp_path), "--rate", "nan"]) == 1
    assert "rate is nan" in capsys.readouterr().err
