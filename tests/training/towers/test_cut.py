import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from seollem.vision.text_tower import TextTower
from training_command import main


def test_a_cut_encoder_reads_what_it_was_cut_for_as_before(
    sentence_encoder: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "texts.txt"
    corpus.write_text("feeling happy now\nemotion on the face: sad\n", "utf-8")
    arguments = ["--encoder", str(sentence_encoder), "--corpus", str(corpus)]
    assert main(["cut", *arguments, "--out", str(tmp_path / "cut")]) == 0
    whole = TextTower.from_pretrained(sentence_encoder)
    cut = TextTower.from_pretrained(tmp_path / "cut")
    sentences = ["feeling happy now", "emotion on the face: sad", "표정: 행복", "feeling sad now"]
    cosines = (whole.encode(sentences) * cut.encode(sentences)).sum(dim=1)
    assert torch.all(cosines > 0.999)  # half precision
    before = Tokenizer.from_file(str(sentence_encoder / "tokenizer.json")).get_vocab_size()
    after = Tokenizer.from_file(str(tmp_path / "cut" / "tokenizer.json")).get_vocab_size()
    assert after < before
    assert cut.encoder.config.vocab_size == after


def test_another_kind_of_tokenizer_is_refused(
    sentence_encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((sentence_encoder / name).read_bytes())
    settings = json.loads((sentence_encoder / "tokenizer.json").read_text("utf-8"))
    settings["model"]["type"] = "BPE"
    (tmp_path / "tokenizer.json").write_text(json.dumps(settings), "utf-8")
    (tmp_path / "texts.txt").write_text("happy", "utf-8")
    arguments = ["--encoder", str(tmp_path), "--corpus", str(tmp_path / "texts.txt")]
    assert main(["cut", *arguments, "--out", str(tmp_path / "out")]) == 1
    assert "Unigram" in capsys.readouterr().err


def test_a_corpus_that_is_not_text_is_refused(
    sentence_encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "texts.txt").write_bytes(b"\xff\xfe\x00")
    arguments = ["--encoder", str(sentence_encoder), "--corpus", str(tmp_path / "texts.txt")]
    assert main(["cut", *arguments, "--out", str(tmp_path / "out")]) == 1
    assert "UTF-8" in capsys.readouterr().err
