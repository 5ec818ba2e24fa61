"""Which part of a message reader's encoder trains, and how fast, whatever kind it is of."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AlbertConfig,
    AlbertModel,
    BertConfig,
    BertModel,
    CLIPTextConfig,
    CLIPTextModel,
    DistilBertConfig,
    DistilBertModel,
    PreTrainedModel,
    SqueezeBertConfig,
    SqueezeBertModel,
)

from seollem.training.errors import MissingExtra, SettingsError
from seollem.training.messages.network import MessageReader, choose_trainable, merge_adapters
from seollem.training.towers.layers import parameter_groups
from seollem.vision.text_tower import TextTower

pytestmark = pytest.mark.slow

PIECES = 600
SIZES: dict[str, Any] = {
    "vocab_size": PIECES,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
}
DISTILBERT = DistilBertConfig(
    vocab_size=PIECES, dim=32, n_layers=3, n_heads=2, hidden_dim=64, pad_token_id=1
)
ENCODERS: dict[str, Callable[[], PreTrainedModel]] = {
    "bert": lambda: BertModel(BertConfig(**SIZES), add_pooling_layer=False),
    "distilbert": lambda: DistilBertModel(DISTILBERT),
    "clip": lambda: CLIPTextModel(CLIPTextConfig(**SIZES)),
}
kinds = pytest.mark.parametrize("kind", ENCODERS)


def loaded(encoder: PreTrainedModel, sentence_encoder: Path, folder: Path) -> TextTower:
    """An encoder as it comes back from disk, with the miniature's tokenizer."""
    encoder.save_pretrained(folder)
    shutil.copy(sentence_encoder / "tokenizer.json", folder)
    return TextTower.from_pretrained(folder)


@pytest.fixture
def tower(kind: str, sentence_encoder: Path, tmp_path: Path) -> TextTower:
    torch.manual_seed(5)
    return loaded(ENCODERS[kind](), sentence_encoder, tmp_path)


def trained(tower: TextTower) -> set[str]:
    return {name for name, tensor in tower.encoder.named_parameters() if tensor.requires_grad}


@kinds
def test_the_last_layers_train_whatever_an_encoder_calls_them(tower: TextTower) -> None:
    choose_trainable(tower, "last")
    assert any(".2." in name for name in trained(tower))
    assert not [name for name in trained(tower) if ".0." in name or ".1." in name]
    assert not [name for name in trained(tower) if "embeddings" in name]


@kinds
def test_rates_fall_from_layer_to_layer_whatever_an_encoder_calls_them(tower: TextTower) -> None:
    reader = MessageReader(tower, {"kote": 44})
    groups = parameter_groups(
        reader, "tower.encoder", rate=1e-3, layer_decay=0.5, weight_decay=0.02, peak=lambda _: 1.0
    )
    peaks = {id(p): group["peak"] for group in groups for p in group["params"]}
    expected = {0.25 * 1e-3: ".0.", 0.5 * 1e-3: ".1.", 1e-3: ".2."}
    for peak, layer in expected.items():
        found = [p for n, p in tower.encoder.named_parameters() if layer in n]
        assert {peaks[id(parameter)] for parameter in found} == {peak}
    words = tower.encoder.get_input_embeddings().weight
    assert peaks[id(words)] == 0.125 * 1e-3
    assert {peaks[id(parameter)] for parameter in reader.heads.parameters()} == {1.0}


@kinds
def test_adapters_learn_beside_every_layer_and_merge_into_it(tower: TextTower) -> None:
    sentences = ["행복해 정말", "a happy face"]
    names = set(tower.encoder.state_dict())
    before = tower.encode(sentences)
    choose_trainable(tower, "adapter")
    assert trained(tower)
    assert all("lora" in name for name in trained(tower))
    for layer in range(3):
        # query, key, value, what follows them, and the two of the feed-forward part
        assert sum(f".{layer}." in name for name in trained(tower)) == 2 * 6
    optimizer = torch.optim.AdamW(
        [p for p in tower.encoder.parameters() if p.requires_grad], lr=1e-2
    )
    for _ in range(3):
        optimizer.zero_grad()
        (tower(sentences)[0] @ tower(sentences)[1]).backward()
        optimizer.step()
    after = tower.encode(sentences)
    assert not torch.allclose(before, after, atol=1e-3)
    merge_adapters(tower)
    assert set(tower.encoder.state_dict()) == names
    assert torch.allclose(after, tower.encode(sentences), atol=1e-4)


def test_an_encoder_without_layers_of_its_own_has_no_last_ones(
    sentence_encoder: Path, tmp_path: Path
) -> None:
    shared = AlbertModel(AlbertConfig(**SIZES, embedding_size=16))
    tower = loaded(shared, sentence_encoder, tmp_path)
    with pytest.raises(SettingsError, match=r"'albert'.*--trainable all"):
        choose_trainable(tower, "last")


def test_an_encoder_that_no_adapters_fit_says_so(sentence_encoder: Path, tmp_path: Path) -> None:
    convolutions = SqueezeBertModel(SqueezeBertConfig(**SIZES, embedding_size=32))
    tower = loaded(convolutions, sentence_encoder, tmp_path)
    with pytest.raises(SettingsError, match=r"'squeezebert'.*--trainable all"):
        choose_trainable(tower, "adapter")


def test_adapters_say_what_they_need(
    sentence_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    tower = loaded(ENCODERS["bert"](), sentence_encoder, tmp_path)
    with pytest.raises(MissingExtra, match=r"seollem\[train\]"):
        choose_trainable(tower, "adapter")
