"""KoBERT's way of cutting sentences: the checkpoint's own SentencePiece model, and nothing else.

Transformers' converted tokenizers normalise Hangul apart into letters that KoBERT never saw.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import sentencepiece

from seollem.vision.errors import BrokenWeights

FILE_NAME = "spiece.model"
BEGIN, END, PAD = "[CLS]", "[SEP]", "[PAD]"

# What SKT publishes of KoBERT (https://github.com/SKTBrain/KoBERT).
KOBERT_PIECES = 8002
KOBERT_SENTENCE = "한국어 모델을 공유합니다."
KOBERT_IDS = [2, 4958, 6855, 2046, 7088, 1050, 7843, 54, 3]


class Tokens(NamedTuple):
    """A sentence's pieces by number; ``attention_mask`` is 1 for those and 0 for padding."""

    ids: list[int]
    attention_mask: list[int]


class SentencePieceTokenizer:
    """Sentences → [CLS], pieces, [SEP], as many as ``limit`` allows, padded to the longest.

    Args:
        model: the bytes of a SentencePiece model.
        limit: most pieces of a sentence, with [CLS] and [SEP].

    Raises:
        BrokenWeights: not such a model, one without BERT's special pieces, or one of KoBERT's size
            that does not cut as KoBERT does.
    """

    def __init__(self, model: bytes, *, limit: int) -> None:
        self._model, self._limit = model, limit
        self._processor = sentencepiece.SentencePieceProcessor()
        try:
            self._processor.LoadFromSerializedProto(model)
        except RuntimeError as error:
            raise BrokenWeights(
                f"{FILE_NAME} is no SentencePiece model: download the checkpoint again."
            ) from error
        self._begin, self._end, self._pad = map(self._special, (BEGIN, END, PAD))
        self.unknown: int = self._processor.unk_id()
        if self.get_vocab_size() == KOBERT_PIECES:
            ids = self.encode(KOBERT_SENTENCE).ids
            if ids != KOBERT_IDS:
                raise BrokenWeights(
                    f"{FILE_NAME} has KoBERT's size and cuts otherwise: {KOBERT_SENTENCE!r} gives "
                    f"{ids}, not {KOBERT_IDS}. Take the file of skt/kobert-base-v1."
                )

    def _special(self, piece: str) -> int:
        number: int = self._processor.PieceToId(piece)
        if self._processor.IdToPiece(number) != piece:  # it gives the unknown piece's number
            raise BrokenWeights(f"{FILE_NAME} has no piece {piece}: it is of another architecture.")
        return number

    def get_vocab_size(self) -> int:
        """How many pieces there are."""
        size: int = self._processor.GetPieceSize()
        return size

    def encode(self, sentence: str) -> Tokens:
        """One sentence, without padding."""
        pieces: list[int] = self._processor.EncodeAsIds(sentence)[: self._limit - 2]
        ids = [self._begin, *pieces, self._end]
        return Tokens(ids, [1] * len(ids))

    def encode_batch(self, sentences: Sequence[str]) -> list[Tokens]:
        """Sentences, padded to the longest of them."""
        encoded = [self.encode(sentence) for sentence in sentences]
        longest = max((len(tokens.ids) for tokens in encoded), default=0)
        padding = [longest - len(tokens.ids) for tokens in encoded]
        return [
            Tokens(ids + [self._pad] * count, mask + [0] * count)
            for (ids, mask), count in zip(encoded, padding, strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write the model as it was read."""
        (folder / FILE_NAME).write_bytes(self._model)
