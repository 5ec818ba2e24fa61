"""TextTower: sentences → vectors. CLIP's text half; scoring reads messages with it too.

tower = TextTower.from_pretrained("vision/weights/text")
tower.encode(["설레는 얼굴", "a happy face"])          # (2, 384) float32, of unit length
"""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import MODEL_MAPPING, AutoConfig, PretrainedConfig, PreTrainedModel

from seollem.vision.checkpoints import load_whole, local_folder
from seollem.vision.errors import BrokenWeights
from seollem.vision.int8 import dequantize
from seollem.vision.sentence_modules import read_modules
from seollem.vision.tokenization import MAX_TOKENS as MAX_TOKENS
from seollem.vision.tokenization import (
    SentenceTokenizer,
    load_tokenizer,
    save_tokenizer,
    unknown_share,
)

CLIP_TEXT = "clip_text_model"
INT8_FILE = "model.int8.safetensors"


class TextTower(nn.Module):
    """A sentence encoder with its tokenizer.

    ``prefix`` is put before every sentence (E5 wants "query: "). ``pooling`` makes one vector of a
    sentence: the "mean" over its tokens, the first one ("cls"), or the encoder's "own" way, which
    is CLIP's. The checkpoint's config.json holds them as ``sentence_prefix`` and
    ``sentence_pooling``, or sentence-transformers' files do (see
    ``seollem.vision.sentence_modules``).
    """

    def __init__(
        self,
        encoder: PreTrainedModel,
        tokenizer: SentenceTokenizer,
        *,
        pooling: str = "mean",
        prefix: str = "",
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.tokenizer = tokenizer
        self.pooling = "own" if encoder.config.model_type == CLIP_TEXT else pooling
        self.prefix = prefix
        self.hidden_size = int(encoder.config.hidden_size)

    @classmethod
    def from_pretrained(cls, model: str | Path) -> "TextTower":
        """Load a local folder, or a checkpoint of the hub or its cache by name.

        KoBERT (``skt/kobert-base-v1``), BERT and its kin, sentence-transformers checkpoints of
        those, and CLIP. A folder with ``model.int8.safetensors`` is widened to float32.

        Raises:
            CheckpointNotFound: neither a folder nor to be had from the hub.
            BrokenWeights: files are missing, damaged, of another architecture, or the tokenizer's
                vocabulary is not the encoder's.
        """
        modules = read_modules(local_folder(model))
        folder = modules.folder
        try:
            config = AutoConfig.from_pretrained(folder, local_files_only=True)
            config = getattr(config, "text_config", config)  # of a whole CLIP, its text half
            tokenizer = load_tokenizer(folder, config)
            encoder = _load_encoder(folder, config)
        except BrokenWeights:
            raise
        except Exception as error:  # tokenizers raises nothing more special
            raise BrokenWeights(
                f"The text encoder {str(model)!r} cannot be loaded ({error}). "
                "Give a folder with config.json, a tokenizer and safetensors weights."
            ) from error
        return cls(
            encoder.eval(),
            tokenizer,
            pooling=str(getattr(config, "sentence_pooling", modules.pooling)),
            prefix=str(getattr(config, "sentence_prefix", modules.prefix)),
        )

    def save_reading(self, folder: Path) -> None:
        """Write all but the weights: config.json, with prefix and pooling, and the tokenizer."""
        self.encoder.config.sentence_prefix = self.prefix
        self.encoder.config.sentence_pooling = self.pooling
        self.encoder.config.save_pretrained(folder)
        save_tokenizer(self.tokenizer, folder)

    def knows(self, sentence: str) -> bool:
        """Whether the vocabulary has most of a sentence's pieces."""
        return unknown_share(self.tokenizer, _clean(sentence)) < 0.5

    def forward(self, sentences: Sequence[str]) -> Tensor:
        """Sentences → (N, hidden_size) float32 of unit length, with gradients."""
        encodings = self.tokenizer.encode_batch([_clean(self.prefix + text) for text in sentences])
        device = next(self.encoder.parameters()).device
        ids = torch.tensor([encoding.ids for encoding in encodings], device=device)
        mask = torch.tensor([encoding.attention_mask for encoding in encodings], device=device)
        output = self.encoder(input_ids=ids, attention_mask=mask)
        if self.pooling == "own":
            pooled: Tensor = output.pooler_output
        elif self.pooling == "cls":
            pooled = output.last_hidden_state[:, 0]
        else:
            weights = mask.unsqueeze(-1).to(output.last_hidden_state.dtype)
            pooled = (output.last_hidden_state * weights).sum(dim=1) / weights.sum(dim=1)
        return nn.functional.normalize(pooled.float(), dim=-1)

    @torch.inference_mode()
    def encode(self, sentences: Sequence[str], *, batch_size: int = 64) -> Tensor:
        """Sentences → (N, hidden_size) float32 of unit length, in batches, without gradients."""
        batches = [sentences[i : i + batch_size] for i in range(0, len(sentences), batch_size)]
        if not batches:
            return torch.empty(0, self.hidden_size)
        return torch.cat([self(batch) for batch in batches])


def _load_encoder(folder: Path, config: PretrainedConfig) -> PreTrainedModel:
    """The encoder without its pooler, which nothing here asks for, in float32.

    Raises:
        BrokenWeights: the weights do not fill the architecture.
    """
    options: dict[str, Any] = {}
    architecture: Any = MODEL_MAPPING[type(config)]
    if "add_pooling_layer" in inspect.signature(architecture).parameters:
        options["add_pooling_layer"] = False
    if (folder / INT8_FILE).is_file():
        options["state_dict"] = dequantize(load_file(folder / INT8_FILE))
    encoder: PreTrainedModel = load_whole(architecture, folder, config=config, **options)
    return encoder


def _clean(sentence: str) -> str:
    """The sentence with lone surrogates, which are no text, replaced by question marks."""
    return sentence.encode("utf-8", "replace").decode()
