"""TextTower: sentences → vectors. CLIP's text half; scoring reads messages with it too.

tower = TextTower.from_pretrained("vision/weights/text")
tower.encode(["설레는 얼굴", "a happy face"])          # (2, 384) float32, of unit length
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from vision.checkpoints import local_folder, without_progress_bars
from vision.errors import BrokenWeights
from vision.int8 import dequantize

CLIP_TEXT = "clip_text_model"
INT8_FILE = "model.int8.safetensors"
MAX_TOKENS = 128  # a label or a chat message; longer text is cut


class TextTower(nn.Module):
    """A sentence encoder with its tokenizer.

    ``prefix`` is put before every sentence (E5 wants "query: "); the checkpoint's config.json holds
    it as ``sentence_prefix``. ``pooling`` makes one vector of a sentence: "mean" over its tokens,
    or the encoder's "own" way, which is CLIP's.
    """

    def __init__(self, encoder: PreTrainedModel, tokenizer: Tokenizer) -> None:
        super().__init__()
        config = encoder.config
        self.encoder = encoder
        self.tokenizer = tokenizer
        self.prefix = str(getattr(config, "sentence_prefix", ""))
        self.pooling = "own" if config.model_type == CLIP_TEXT else "mean"
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
        folder = local_folder(model)
        try:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            config = AutoConfig.from_pretrained(folder)
            config = getattr(config, "text_config", config)  # of a whole CLIP, its text half
            options = {} if config.model_type == CLIP_TEXT else {"add_pooling_layer": False}
            if (folder / INT8_FILE).is_file():
                encoder = AutoModel.from_config(config, dtype=torch.float32, **options)
                encoder.load_state_dict(dequantize(load_file(folder / INT8_FILE)))
            else:
                with without_progress_bars():
                    encoder = AutoModel.from_pretrained(
                        folder, config=config, dtype=torch.float32, **options
                    )
        except Exception as error:  # tokenizers raises nothing more special
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
        output = self.encoder(input_ids=ids, attention_mask=mask)
        if self.pooling == "own":
            pooled: Tensor = output.pooler_output
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
