"""KoBERT as the text tower: raw SentencePiece pieces, checked before they are trusted."""

from pathlib import Path

import pytest
import torch
from sentencepiece import sentencepiece_model_pb2
from transformers import BertConfig, BertModel

from seollem.vision.errors import BrokenWeights
from seollem.vision.sentencepiece_tokenizer import (
    KOBERT_IDS,
    KOBERT_PIECES,
    KOBERT_SENTENCE,
    SentencePieceTokenizer,
)
from seollem.vision.text_tower import MAX_TOKENS, TextTower
from small_kobert import save_kobert, train_pieces


@pytest.fixture(scope="module")
def kobert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_kobert(tmp_path_factory.mktemp("kobert"))


def test_a_sentence_is_its_raw_pieces_between_cls_and_sep(kobert: Path) -> None:
    tower = TextTower.from_pretrained(kobert)
    ids = tower.tokenizer.encode("오늘 너를 만나서").ids
    assert (ids[0], ids[-1]) == (2, 3)
    assert 0 not in ids  # nothing unknown: Hangul is not cut into letters
    network = BertModel(BertConfig.from_pretrained(kobert)).eval()
    network.load_state_dict(torch.load(kobert / "pytorch_model.bin", weights_only=True))
    with torch.no_grad():
        states = network(torch.tensor([ids])).last_hidden_state[0]
    expected = torch.nn.functional.normalize(states.mean(dim=0), dim=0)
    alone, _ = tower.encode(["오늘 너를 만나서", "그보다 훨씬 더 긴 문장이 옆에 있어도"])
    assert torch.allclose(alone, expected, atol=1e-5)


def test_any_string_gives_a_vector(kobert: Path) -> None:
    tower = TextTower.from_pretrained(kobert)
    odd = ["", "   ", "\ud800 설렘", "\x00\x1b[31m", "שלום", "🤪🤪", "설렘 " * 25_000]
    vectors = tower.encode(odd)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(len(odd)), atol=1e-4)
    assert len(tower.tokenizer.encode(odd[-1]).ids) == min(MAX_TOKENS, 64)


def test_words_of_other_scripts_are_told_from_known_ones(kobert: Path) -> None:
    tower = TextTower.from_pretrained(kobert)
    assert tower.knows("설레고 행복했어")
    assert not tower.knows("ストーリー")


def test_what_is_saved_of_a_tower_is_read_the_same_way(kobert: Path, tmp_path: Path) -> None:
    tower = TextTower.from_pretrained(kobert)
    tower.prefix = "감정: "
    tower.save_reading(tmp_path)
    tower.encoder.save_pretrained(tmp_path)
    again = TextTower.from_pretrained(tmp_path)
    assert again.prefix == "감정: "
    assert torch.allclose(again.encode(["사랑"]), tower.encode(["사랑"]), atol=1e-6)


def published_pieces(sentence_ids: list[int]) -> bytes:
    """As many pieces as KoBERT has; those of its published sentence at the given numbers."""
    kind = sentencepiece_model_pb2.ModelProto  # type: ignore[attr-defined]  # made at import
    model = kind.FromString(train_pieces())
    special = list(model.pieces[:5])
    words = ["▁한국", "어", "▁모델", "을", "▁공유", "합니다", "."]
    filling = [chr(0xE000) + str(number) for number in range(KOBERT_PIECES)]
    for number, word in zip(sentence_ids[1:-1], words, strict=True):
        filling[number] = word
    del model.pieces[5:]
    for piece in filling[len(special) :]:
        model.pieces.add(piece=piece, score=-1.0)
    data: bytes = model.SerializeToString()
    return data


def test_kobert_s_own_pieces_pass_the_published_check() -> None:
    tokenizer = SentencePieceTokenizer(published_pieces(KOBERT_IDS), limit=MAX_TOKENS)
    assert tokenizer.encode(KOBERT_SENTENCE).ids == KOBERT_IDS


def test_pieces_of_kobert_s_size_that_cut_otherwise_are_refused() -> None:
    shifted = [2, *(number + 1 for number in KOBERT_IDS[1:-1]), 3]
    with pytest.raises(BrokenWeights, match="cuts otherwise"):
        SentencePieceTokenizer(published_pieces(shifted), limit=MAX_TOKENS)


def test_pieces_without_bert_s_special_ones_are_refused() -> None:
    model = train_pieces(bos_piece="<s>", eos_piece="</s>")
    with pytest.raises(BrokenWeights, match=r"no piece \[CLS\]"):
        SentencePieceTokenizer(model, limit=MAX_TOKENS)


@pytest.mark.parametrize("content", [b"", b"\xff" * 1000, b"not a model"])
def test_a_damaged_piece_model_is_refused(kobert: Path, tmp_path: Path, content: bytes) -> None:
    for path in kobert.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "spiece.model").write_bytes(content)
    with pytest.raises(BrokenWeights, match=r"spiece\.model"):
        TextTower.from_pretrained(tmp_path)


def test_a_checkpoint_without_tokenizer_is_refused(kobert: Path, tmp_path: Path) -> None:
    for name in ("config.json", "pytorch_model.bin"):
        (tmp_path / name).write_bytes((kobert / name).read_bytes())
    with pytest.raises(BrokenWeights, match="no tokenizer"):
        TextTower.from_pretrained(tmp_path)


def test_the_pieces_of_another_checkpoint_are_refused(kobert: Path, tmp_path: Path) -> None:
    for path in kobert.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "spiece.model").write_bytes(train_pieces(model_type="char"))
    with pytest.raises(BrokenWeights, match="two checkpoints"):
        TextTower.from_pretrained(tmp_path)
