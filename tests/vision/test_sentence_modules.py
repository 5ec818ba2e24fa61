"""Checkpoints of other makers as the text tower: sentence-transformers', BERT's older form."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertModel, ElectraConfig, ElectraModel

from seollem.vision.errors import BrokenWeights, CheckpointNotFound
from seollem.vision.text_tower import TextTower
from small_kobert import CORPUS

SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    """BERT's older form: words of the corpus in vocab.txt."""
    words = sorted({word.strip(".,:") for sentence in CORPUS for word in sentence.split()})
    pieces = [*SPECIAL, *words, ".", ",", ":"]
    (tmp_path / "vocab.txt").write_text("\n".join(pieces) + "\n", "utf-8")
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    torch.manual_seed(4)
    network = BertModel(BertConfig(vocab_size=len(pieces), **SIZES), add_pooling_layer=False)
    network.save_pretrained(tmp_path)
    return tmp_path


def describe_modules(
    folder: Path,
    pooling: dict[str, Any],
    modules: tuple[str, ...] = ("Transformer", "Pooling", "Normalize"),
    prompts: dict[str, Any] | None = None,
) -> None:
    """Write what sentence-transformers writes beside a network."""
    listing = [
        {"idx": i, "name": str(i), "path": f"{i}_{name}" if i else "", "type": f"st.models.{name}"}
        for i, name in enumerate(modules)
    ]
    (folder / "modules.json").write_text(json.dumps(listing))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    if prompts:
        (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))


def states(folder: Path, sentence: str) -> torch.Tensor:
    """What the network itself makes of each piece, (pieces, 32)."""
    tower = TextTower.from_pretrained(folder)
    with torch.no_grad():
        output = tower.encoder(torch.tensor([tower.tokenizer.encode(sentence).ids]))
    found: torch.Tensor = output.last_hidden_state[0]
    return found


def test_bert_s_older_form_is_read_and_pooled_over_its_tokens(bert: Path) -> None:
    tower = TextTower.from_pretrained(bert)
    assert tower.knows("기쁨 슬픔")
    expected = torch.nn.functional.normalize(states(bert, "기쁨 슬픔").mean(dim=0), dim=0)
    assert torch.allclose(tower.encode(["기쁨 슬픔"])[0], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("pooling", "is_first"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, True),
        ({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, False),
        ({"pooling_mode": "cls"}, True),
        ({"pooling_mode": "mean"}, False),
    ],
)
def test_a_sentence_transformers_checkpoint_is_pooled_as_it_says(
    bert: Path, pooling: dict[str, Any], is_first: bool
) -> None:
    describe_modules(bert, {"word_embedding_dimension": 32, **pooling})
    found = states(bert, "기쁨 슬픔")
    expected = torch.nn.functional.normalize(found[0] if is_first else found.mean(0), dim=0)
    assert torch.allclose(
        TextTower.from_pretrained(bert).encode(["기쁨 슬픔"])[0], expected, atol=1e-5
    )


def test_a_default_prompt_stands_before_every_sentence(bert: Path) -> None:
    plain = TextTower.from_pretrained(bert)
    prompts = {"prompts": {"query": "감정: "}, "default_prompt_name": "query"}
    describe_modules(bert, {"pooling_mode_mean_tokens": True}, prompts=prompts)
    prompted = TextTower.from_pretrained(bert)
    assert torch.allclose(prompted.encode(["기쁨"]), plain.encode(["감정: 기쁨"]), atol=1e-6)


def test_modules_and_poolings_that_are_not_read_are_refused(bert: Path) -> None:
    describe_modules(bert, {"pooling_mode_max_tokens": True})
    with pytest.raises(BrokenWeights, match="pooling_mode_max_tokens"):
        TextTower.from_pretrained(bert)
    mean = {"pooling_mode_mean_tokens": True}
    describe_modules(bert, mean, modules=("Transformer", "Pooling", "Dense"))
    with pytest.raises(BrokenWeights, match="Dense"):
        TextTower.from_pretrained(bert)


@pytest.mark.parametrize("listing", ["", "[]", "{}", "[1]", '[{"type": "Transformer"}]', "null"])
def test_a_damaged_listing_of_modules_is_refused(bert: Path, listing: str) -> None:
    (bert / "modules.json").write_text(listing)
    with pytest.raises(BrokenWeights, match="sentence-transformers"):
        TextTower.from_pretrained(bert)


def test_an_encoder_that_has_no_pooler_at_all_is_read(bert: Path) -> None:
    pieces = len((bert / "vocab.txt").read_text("utf-8").splitlines())
    ElectraModel(ElectraConfig(vocab_size=pieces, embedding_size=32, **SIZES)).save_pretrained(bert)
    assert TextTower.from_pretrained(bert).encode(["기쁨"]).shape == (1, 32)


def test_weights_that_leave_gaps_are_refused(bert: Path) -> None:
    weights = load_file(bert / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, bert / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BrokenWeights, match=r"lacks 1 of .*encoder\.layer\.1\.output"):
        TextTower.from_pretrained(bert)


def test_a_vocabulary_of_neither_language_is_refused(bert: Path) -> None:
    count = len((bert / "vocab.txt").read_text("utf-8").splitlines())
    pieces = [*SPECIAL, *(f"слово{number}" for number in range(count - len(SPECIAL)))]
    (bert / "vocab.txt").write_text("\n".join(pieces) + "\n", "utf-8")
    with pytest.raises(BrokenWeights, match="neither Korean nor English"):
        TextTower.from_pretrained(bert)


def test_a_checkpoint_that_is_nowhere_is_told_from_a_broken_one() -> None:
    with pytest.raises(CheckpointNotFound, match="no such/name/at all"):
        TextTower.from_pretrained("no such/name/at all")
