"""BERT's layers in 8-bit integers, for one short sentence at a time.

The outputs are those of Transformers' ``BertEncoder`` with ``Int8Linear`` layers, which spends a
fifth of its time for a dozen tokens on bookkeeping, and on three products where one does.
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
    """Change an encoder in place to 8-bit integers; it cannot be trained any more."""
    if isinstance(encoder, BertModel) and is_possible():
        words = encoder.embeddings.word_embeddings
        encoder.embeddings.add_module("word_embeddings", Int8Embedding(words))
        encoder.add_module("encoder", Int8BertEncoder(encoder.encoder))
    else:
        use_int8(encoder)
    _give_back_memory()


class Int8BertEncoder(nn.Module):
    """BERT's layers, from the embeddings to the last hidden states."""

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
    """Self-attention with one product for queries, keys and values, then feed-forward."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        attention = layer.attention.self
        self._heads = int(attention.num_attention_heads)
        self.query_key_value = Int8Linear(
            _concatenated(attention.query, attention.key, attention.value)
        )
        self.attention_projection = Int8Linear(layer.attention.output.dense)
        self.attention_norm = layer.attention.output.LayerNorm
        self.feed_forward_in = Int8Linear(layer.intermediate.dense)
        self.activation = layer.intermediate.intermediate_act_fn
        self.feed_forward_out = Int8Linear(layer.output.dense)
        self.feed_forward_norm = layer.output.LayerNorm

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        """(N, T, D), and the mask of ``Int8BertEncoder`` → (N, T, D)."""
        count, tokens, size = hidden.shape
        projected: Tensor = self.query_key_value(hidden).view(count, tokens, 3, self._heads, -1)
        query, key, value = projected.permute(2, 0, 3, 1, 4).unbind()  # (N, heads, T, D / heads)
        attended = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        attended = attended.transpose(1, 2).reshape(count, tokens, size)
        hidden = self.attention_norm(self.attention_projection(attended) + hidden)
        inner = self.activation(self.feed_forward_in(hidden))
        output: Tensor = self.feed_forward_norm(self.feed_forward_out(inner) + hidden)
        return output


def _concatenated(*layers: nn.Linear) -> nn.Linear:
    """One linear layer whose outputs are those of several layers, concatenated."""
    whole = nn.Linear(layers[0].in_features, sum(layer.out_features for layer in layers))
    with torch.no_grad():
        whole.weight.copy_(torch.cat([layer.weight for layer in layers]))
        whole.bias.copy_(torch.cat([layer.bias for layer in layers]))
    return whole


def _give_back_memory() -> None:
    """Return the memory of the float weights to the system; glibc keeps freed blocks otherwise."""
    trim = c_function("malloc_trim")
    if trim is not None:
        trim(0)
