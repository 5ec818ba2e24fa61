"""BERT's layers for reading one short sentence at a time: 8-bit products, and fewer steps.

The same numbers as Transformers' ``BertEncoder`` with ``Int8Linear`` in it, which spends a fifth of
its time for a dozen tokens on bookkeeping and on three small products where one does.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

from seollem.vision.c_library import c_function
from seollem.vision.int8_embedding import Int8Embedding
from seollem.vision.int8_linear import Int8Linear, is_possible, use_int8


def read_in_int8(encoder: nn.Module) -> None:
    """Change an encoder in place into one that reads in 8-bit integers, and can learn no more."""
    if isinstance(encoder, BertModel) and is_possible():
        words = encoder.embeddings.word_embeddings
        encoder.embeddings.add_module("word_embeddings", Int8Embedding(words))
        encoder.add_module("encoder", Int8BertEncoder(encoder.encoder))
    else:
        use_int8(encoder)
    _give_back_memory()


class Int8BertEncoder(nn.Module):
    """What stands between BERT's embeddings and its last hidden states."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Int8BertLayer(layer) for layer in encoder.layer])

    def forward(
        self, hidden_states: Tensor, attention_mask: Tensor | None = None, **_: Any
    ) -> BaseModelOutputWithPastAndCrossAttentions:
        """(N, T, D) and a mask as ``scaled_dot_product_attention`` takes it → (N, T, D)."""
        for layer in self.layers:
            hidden_states = layer(hidden_states, attention_mask)
        return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=hidden_states)


class Int8BertLayer(nn.Module):
    """Self-attention with one product for queries, keys and values; then the feed-forward part."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        attention = layer.attention.self
        self._heads = int(attention.num_attention_heads)
        self.mix = Int8Linear(_joined(attention.query, attention.key, attention.value))
        self.mixed = Int8Linear(layer.attention.output.dense)
        self.after_mixing = layer.attention.output.LayerNorm
        self.widen = Int8Linear(layer.intermediate.dense)
        self.activation = layer.intermediate.intermediate_act_fn
        self.narrow = Int8Linear(layer.output.dense)
        self.after = layer.output.LayerNorm

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        count, tokens, size = hidden.shape
        parts: Tensor = self.mix(hidden).view(count, tokens, 3, self._heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind()
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        mixed = self.mixed(mixed.transpose(1, 2).reshape(count, tokens, size))
        hidden = self.after_mixing(mixed + hidden)
        read: Tensor = self.after(self.narrow(self.activation(self.widen(hidden))) + hidden)
        return read


def _joined(*layers: nn.Linear) -> nn.Linear:
    """One linear layer whose outputs are those of several, one after the other."""
    joined = nn.Linear(layers[0].in_features, sum(layer.out_features for layer in layers))
    with torch.no_grad():
        joined.weight.copy_(torch.cat([layer.weight for layer in layers]))
        joined.bias.copy_(torch.cat([layer.bias for layer in layers]))
    return joined


def _give_back_memory() -> None:
    """Return what the float weights held to the system: glibc keeps freed blocks for later."""
    trim = c_function("malloc_trim")
    if trim is not None:
        trim(0)
