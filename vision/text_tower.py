"""TextTower: sentences → vectors. CLIP's text half; scoring reads messages with it too.

    tower = TextTower.from_pretrained("vision/weights/text")
    tower.encode(["설레는 얼굴", "a happy face"])          # (2, 384) float32, of unit length
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from vision.errors import BrokenWeights
from vision.int8 import dequantize

INT8_FILE = "model.int8.safetensors"
MAX_TOKENS = 128  # a label or a chat message; longer text is cut


class TextTower(nn.Module):
    """A sentence encoder with its tokenizer.

    ``prefix`` is put before every sentence and ``pooling`` ("mean" over tokens or the "first"
    one) makes one vector of it; both are read from the checkpoint's config.json, where the keys
    ``sentence_prefix`` and ``sentence_pooling`` hold them (E5 wants "query: " and the mean).
    """

    def __init__(self, encoder: PreTrainedModel, tokenizer: Tokenizer) -> None:
        super().__init__()
        config = encoder.config
        self.encoder = encoder
        self.tokenizer = tokenizer
        self.prefix = str(getattr(config, "sentence_prefix", ""))
        self.pooling = str(getattr(config, "sentence_pooling", "mean"))
        self.hidden_size = int(config.hidden_size)
        limit = min(MAX_TOKENS, int(getattr(config, "max_position_embeddings", MAX_TOKENS)))
        tokenizer.enable_truncation(limit)
        pad = int(config.pad_token_id or 0)
        tokenizer.enable_padding(pad_id=pad, pad_token=tokenizer.id_to_token(pad) or "<pad>")

    @classmethod
    def from_pretrained(cls, model: str | Path) -> "TextTower":
        """Load a local folder, or a checkpoint of the hub or its cache by name.

        A folder with ``model.int8.safetensors`` is widened to float32 while loading.

        Raises:
            BrokenWeights: files are missing, damaged, or of another architecture.
        """
        folder = Path(model)
        try:
            if not folder.is_dir():
                from huggingface_hub import snapshot_download

                folder = Path(
                    snapshot_download(
                        str(model), allow_patterns=["*.json", "*.safetensors"]
                    )
                )
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            if (folder / INT8_FILE).is_file():
                config = AutoConfig.from_pretrained(folder)
                encoder = AutoModel.from_config(config, **_no_pooler(config.model_type))
                encoder.load_state_dict(dequantize(load_file(folder / INT8_FILE)))
            else:
                config = AutoConfig.from_pretrained(folder)
                encoder = AutoModel.from_pretrained(
                    folder, config=config, dtype=torch.float32, **_no_pooler(config.model_type)
                )
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError, Exception) as error:
            raise BrokenWeights(
                f"The text encoder {str(model)!r} cannot be loaded ({error}). "
                "Give a folder with config.json, tokenizer.json and safetensors weights."
            ) from error
        return cls(encoder.eval(), tokenizer)

    def forward(self, sentences: Sequence[str]) -> Tensor:
        """Sentences → (N, hidden_size) float32 of unit length, with gradients."""
        encodings = self.tokenizer.encode_batch([self.prefix + text for text in sentences])
        device = next(self.encoder.parameters()).device
        ids = torch.tensor([encoding.ids for encoding in encodings], device=device)
        mask = torch.tensor([encoding.attention_mask for encoding in encodings], device=device)
        hidden: Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        if self.pooling == "first":
            pooled = hidden[:, 0]
        else:
            weights = mask.unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * weights).sum(dim=1) / weights.sum(dim=1)
        return nn.functional.normalize(pooled.float(), dim=-1)

    @torch.inference_mode()
    def encode(self, sentences: Sequence[str], *, batch_size: int = 64) -> Tensor:
        """Sentences → (N, hidden_size) float32 of unit length, in batches, without gradients."""
        batches = [sentences[i : i + batch_size] for i in range(0, len(sentences), batch_size)]
        if not batches:
            return torch.empty(0, self.hidden_size)
        return torch.cat([self(batch) for batch in batches])


def _no_pooler(model_type: str) -> dict[str, bool]:
    """BERT's pooler is of no use here and absent from sentence encoders' checkpoints."""
    return {"add_pooling_layer": False} if model_type in {"bert", "xlm-roberta", "roberta"} else {}
