"""Word vectors in 8-bit integers."""

import torch
from torch import nn

from seollem.vision.int8 import dequantize, quantize
from seollem.vision.int8_embedding import Int8Embedding


def words() -> nn.Embedding:
    torch.manual_seed(0)
    embedding = nn.Embedding(50, 24)
    with torch.no_grad():
        embedding.weight[7] = 0.0
    return embedding


def test_it_is_exact_for_weights_that_were_stored_as_int8() -> None:
    embedding = words()
    stored = dequantize(quantize({"embeddings.weight": embedding.weight.detach()}))
    embedding.load_state_dict({"weight": stored["embeddings.weight"]})
    ids = torch.arange(50).reshape(5, 10)

    assert torch.equal(Int8Embedding(embedding)(ids), embedding(ids))


def test_other_weights_are_off_by_half_a_step_at_most() -> None:
    embedding = words()
    ids = torch.arange(50)
    steps = embedding.weight.abs().amax(dim=1, keepdim=True) / 127

    assert bool(((Int8Embedding(embedding)(ids) - embedding(ids)).abs() <= steps * 0.5001).all())


def test_it_takes_a_quarter_of_the_memory() -> None:
    embedding = nn.Embedding(100, 384)
    small = Int8Embedding(embedding)

    held = sum(buffer.nbytes for buffer in small.buffers())
    assert held < embedding.weight.nbytes * 0.27
    assert not list(small.parameters())
