"""A checkpoint's tokenizer, and whether the two belong together."""

from pathlib import Path

from tokenizers import Tokenizer
from transformers import AutoTokenizer, PretrainedConfig

from seollem.vision import sentencepiece_tokenizer
from seollem.vision.errors import BrokenWeights
from seollem.vision.sentencepiece_tokenizer import SentencePieceTokenizer

MAX_TOKENS = 128  # a label or a chat message; longer text is cut
FILE_NAME = "tokenizer.json"
WORD_PIECES = "vocab.txt"  # BERT's older form
UNKNOWN = ("<unk>", "[UNK]")
ROUNDING = 1024  # some embedding matrices are padded to round numbers, by fewer rows than this
PROBES = ("한국어 모델을 공유합니다.", "a happy face")  # a tower reads one of the two languages

SentenceTokenizer = Tokenizer | SentencePieceTokenizer


def load_tokenizer(folder: Path, config: PretrainedConfig) -> SentenceTokenizer:
    """The tokenizer in a checkpoint's folder, cutting long sentences and padding short ones.

    ``spiece.model`` is read by SentencePiece itself, ``tokenizer.json`` and ``vocab.txt`` by
    Hugging Face's tokenizers.

    Raises:
        BrokenWeights: there is none, it is damaged, or its vocabulary is not the encoder's.
    """
    limit = min(MAX_TOKENS, int(getattr(config, "max_position_embeddings", MAX_TOKENS)))
    tokenizer: SentenceTokenizer
    if (folder / FILE_NAME).is_file():
        tokenizer = _prepared(Tokenizer.from_file(str(folder / FILE_NAME)), config, limit)
    elif (folder / sentencepiece_tokenizer.FILE_NAME).is_file():
        model = (folder / sentencepiece_tokenizer.FILE_NAME).read_bytes()
        tokenizer = SentencePieceTokenizer(model, limit=limit)
    elif (folder / WORD_PIECES).is_file():
        whole = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        tokenizer = _prepared(whole.backend_tokenizer, config, limit)
    else:
        raise BrokenWeights(
            f"{folder} has no tokenizer: neither {FILE_NAME}, "
            f"{sentencepiece_tokenizer.FILE_NAME} nor {WORD_PIECES}. Download it whole."
        )
    _check(tokenizer, int(config.vocab_size), folder)
    return tokenizer


def unknown_share(tokenizer: SentenceTokenizer, sentence: str) -> float:
    """The share, in [0, 1], of a sentence's pieces that the vocabulary does not have."""
    ids = _ids(tokenizer, sentence)
    unknown = _unknown(tokenizer)
    return sum(number in unknown for number in ids) / len(ids) if ids else 0.0


def save_tokenizer(tokenizer: SentenceTokenizer, folder: Path) -> None:
    """Write the file that ``load_tokenizer`` reads."""
    if isinstance(tokenizer, SentencePieceTokenizer):
        tokenizer.save(folder)
        return
    bare = Tokenizer.from_str(tokenizer.to_str())
    bare.no_padding()
    bare.no_truncation()
    bare.save(str(folder / FILE_NAME), pretty=False)


def _prepared(tokenizer: Tokenizer, config: PretrainedConfig, limit: int) -> Tokenizer:
    pad = int(config.pad_token_id or 0)
    tokenizer.enable_truncation(limit)
    tokenizer.enable_padding(pad_id=pad, pad_token=tokenizer.id_to_token(pad) or "<pad>")
    return tokenizer


def _check(tokenizer: SentenceTokenizer, rows: int, folder: Path) -> None:
    pieces = tokenizer.get_vocab_size()
    slack = 1 if isinstance(tokenizer, SentencePieceTokenizer) else ROUNDING
    if not pieces <= rows < pieces + slack:
        raise BrokenWeights(
            f"{folder}: the tokenizer has {pieces} pieces and the encoder {rows}. They are of two "
            "checkpoints: take both from the same one."
        )
    if all(unknown_share(tokenizer, sentence) >= 0.5 for sentence in PROBES):
        raise BrokenWeights(
            f"{folder}: the tokenizer knows neither Korean nor English. Take the checkpoint's own."
        )


def _ids(tokenizer: SentenceTokenizer, sentence: str) -> list[int]:
    if isinstance(tokenizer, SentencePieceTokenizer):
        return tokenizer.encode(sentence).ids[1:-1]
    return list(tokenizer.encode(sentence, add_special_tokens=False).ids)


def _unknown(tokenizer: SentenceTokenizer) -> set[int]:
    if isinstance(tokenizer, SentencePieceTokenizer):
        return {tokenizer.unknown}
    numbers = (tokenizer.token_to_id(piece) for piece in UNKNOWN)
    return {number for number in numbers if number is not None}
