"""A small BERT with a SentencePiece model of its own, laid out as skt/kobert-base-v1 is."""

import io
import itertools
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from transformers import BertConfig, BertModel

CORPUS = (
    "한국어 모델을 공유합니다.",
    "오늘 너를 만나서 정말 설레고 행복했어.",
    "마음속의 감정, 그 사람에게 느끼는 감정: 사랑과 미움",
    "기쁨 슬픔 분노 두려움 놀람 무관심 호감",
    "a feeling of love, my feeling toward someone: a happy face",
)


def train_pieces(pieces: int = 120, **settings: Any) -> bytes:
    """A SentencePiece model with BERT's special pieces where KoBERT has them."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        **{
            "sentence_iterator": itertools.chain(CORPUS * 20),
            "model_writer": model,
            "vocab_size": pieces,
            "character_coverage": 1.0,
            "hard_vocab_limit": False,
            "unk_id": 0,
            "unk_piece": "[UNK]",
            "pad_id": 1,
            "pad_piece": "[PAD]",
            "bos_id": 2,
            "bos_piece": "[CLS]",
            "eos_id": 3,
            "eos_piece": "[SEP]",
            "user_defined_symbols": ["[MASK]"],
            "minloglevel": 2,
            **settings,
        }
    )
    return model.getvalue()


def save_kobert(folder: Path, pieces: bytes | None = None) -> Path:
    """Write config.json, spiece.model and, as SKT does, pytorch_model.bin."""
    pieces = pieces or train_pieces()
    processor = sentencepiece.SentencePieceProcessor()
    processor.LoadFromSerializedProto(pieces)
    config = BertConfig(
        vocab_size=processor.GetPieceSize(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        pad_token_id=1,
    )
    torch.manual_seed(3)
    config.save_pretrained(folder)
    torch.save(BertModel(config).state_dict(), folder / "pytorch_model.bin")
    (folder / "spiece.model").write_bytes(pieces)
    return folder
