"""An encoder that reads in 8-bit integers."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertModel, ElectraConfig, ElectraModel, PreTrainedModel

from seollem.vision.int8_bert import Int8BertEncoder, read_in_int8

SIZES: dict[str, Any] = {
    "vocab_size": 50,
    "hidden_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 96,
}


def bert() -> BertModel:
    torch.manual_seed(0)
    model = BertModel(BertConfig(**SIZES, initializer_range=0.2), add_pooling_layer=False)
    model.eval()
    return model


def electra() -> ElectraModel:
    torch.manual_seed(0)
    config = ElectraConfig(**SIZES, embedding_size=48, initializer_range=0.2)
    model = ElectraModel(config)
    model.eval()
    return model


@pytest.mark.parametrize("make", [bert, electra])
def test_it_reads_nearly_as_before_whatever_the_lengths(
    make: Callable[[], PreTrainedModel],
) -> None:
    exact = make()
    small = copy.deepcopy(exact)
    read_in_int8(small)
    ids = torch.randint(0, 50, (3, 9), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids)
    mask[1, 4:] = 0
    mask[2, 7:] = 0

    with torch.inference_mode():
        wanted = exact(input_ids=ids, attention_mask=mask).last_hidden_state
        read = small(input_ids=ids, attention_mask=mask).last_hidden_state

    seen = mask.bool()
    cosines = torch.nn.functional.cosine_similarity(wanted[seen], read[seen])
    assert float(cosines.min()) > 0.995


def test_padding_does_not_change_a_sentence() -> None:
    network = bert()
    read_in_int8(network)
    ids = torch.tensor([[3, 4, 5, 6]])
    padded = torch.tensor([[3, 4, 5, 6, 0, 0], [7, 8, 9, 10, 11, 12]])
    mask = torch.tensor([[1, 1, 1, 1, 0, 0], [1] * 6])

    with torch.inference_mode():
        alone = network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]
        beside = network(input_ids=padded, attention_mask=mask).last_hidden_state[0, :4]

    # inputs of a call share a zero point, so that a neighbour moves the last digits
    assert float(torch.nn.functional.cosine_similarity(alone, beside).min()) > 0.995


def test_berts_layers_are_joined_and_their_float_weights_gone() -> None:
    network = bert()
    read_in_int8(network)

    assert isinstance(network.encoder, Int8BertEncoder)
    assert all("norm" in name.lower() or "after" in name or "embeddings" in name
               for name, _ in network.named_parameters())  # fmt: skip
