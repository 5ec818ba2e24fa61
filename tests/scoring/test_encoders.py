"""TextEncoder with small real checkpoints, and the cache that keeps its vectors."""

import logging
import multiprocessing
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import torch

from seollem.scoring.encoders import EMBEDDED, TextEncoder
from seollem.scoring.errors import UnknownWords
from seollem.scoring.vector_cache import FILE_NAME, VectorCache
from seollem.vision.errors import BrokenWeights
from seollem.vision.text_tower import TextTower
from small_kobert import save_kobert, train_pieces

SENTENCES = ["설레고 행복했어", "사랑과 미움", "a happy face"]


@pytest.fixture(scope="module")
def kobert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_kobert(tmp_path_factory.mktemp("kobert"))


@pytest.fixture
def no_tower(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, loading an encoder is a failure."""

    def refuse(*_: object) -> TextTower:
        raise AssertionError("the encoder was loaded though its vectors are kept")

    monkeypatch.setattr(TextTower, "from_pretrained", refuse)


def test_kobert_s_vectors_are_those_of_its_tower(kobert: Path, tmp_path: Path) -> None:
    encoder = TextEncoder.from_pretrained(kobert, tmp_path)
    vectors = encoder.encode(SENTENCES)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 32)
    assert np.allclose(vectors, TextTower.from_pretrained(kobert).encode(SENTENCES).numpy())
    assert encoder.name == str(kobert)


def test_kept_vectors_need_no_encoder(
    kobert: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    first = TextEncoder.from_pretrained(kobert, tmp_path).encode(SENTENCES)
    request.getfixturevalue("no_tower")
    again = TextEncoder.from_pretrained(kobert, tmp_path).encode(SENTENCES[::-1])
    assert np.array_equal(again, first[::-1])


def test_other_weights_under_the_same_name_have_vectors_of_their_own(tmp_path: Path) -> None:
    folder, cache = tmp_path / "model", tmp_path / "cache"
    folder.mkdir()
    pieces = train_pieces()
    first = TextEncoder.from_pretrained(save_kobert(folder, pieces), cache)
    old = first.encode(SENTENCES)
    weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    torch.save({name: 2 * tensor for name, tensor in weights.items()}, folder / "pytorch_model.bin")
    second = TextEncoder.from_pretrained(folder, cache)
    assert second.identity != first.identity
    assert not np.allclose(second.encode(SENTENCES), old, atol=1e-3)


def test_a_checkpoint_that_cannot_be_had_gives_one_message_and_the_embedded_encoder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "scoring"):
        encoder = TextEncoder.from_pretrained("no such/name/at all", tmp_path)
    assert encoder.name == EMBEDDED
    (record,) = caplog.records
    assert "no such/name/at all" in record.getMessage()
    assert "embedded encoder serves" in record.getMessage()


def test_a_checkpoint_that_is_broken_is_an_error_and_no_reason_for_another(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BrokenWeights):
        TextEncoder.from_pretrained(tmp_path, tmp_path / "cache").encode(["설렘"])


def test_words_that_the_vocabulary_lacks_are_named(kobert: Path, tmp_path: Path) -> None:
    encoder = TextEncoder.from_pretrained(kobert, tmp_path)
    with pytest.raises(UnknownWords, match="ストーリー"):
        encoder.encode(["사랑", "ストーリー"])


def vector(number: int) -> np.ndarray:
    return np.full(8, number, np.float32)


def test_the_cache_gives_back_what_it_was_given_and_nothing_else(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "new" / "folder")
    assert cache.get(["a"]) == {}
    stored = {str(number): vector(number) for number in range(1200)}
    cache.put(stored)
    found = cache.get([*stored, "other"])
    assert found.keys() == stored.keys()
    assert all(np.array_equal(found[key], stored[key]) for key in stored)


@pytest.mark.parametrize("damage", [b"", b"nothing of the kind" * 100, None])
def test_a_damaged_cache_is_begun_anew(tmp_path: Path, damage: bytes | None) -> None:
    cache, path = VectorCache(tmp_path), tmp_path / FILE_NAME
    cache.put({str(number): vector(number) for number in range(500)})
    content = path.read_bytes()
    path.write_bytes(content[:1000] + b"\xff" * (len(content) - 1000) if damage is None else damage)
    cache.get(["1"])
    cache.put({"1": vector(1)})  # whichever of the two finds the damage
    cache.put({"1": vector(1)})
    assert np.array_equal(cache.get(["1"])["1"], vector(1))


def test_a_vector_that_was_altered_is_made_again(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.put({"a": vector(1), "b": vector(2), "c": vector(3), "d": vector(4)})
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        (value,) = database.execute("SELECT value FROM vectors WHERE key = 'a'").fetchone()
        for key, bad in (("a", value[:-1] + b"\x01"), ("b", b""), ("c", "text")):
            database.execute("UPDATE vectors SET value = ? WHERE key = ?", (bad, key))
    database.close()
    assert list(cache.get(["a", "b", "c", "d"])) == ["d"]


def test_without_a_folder_to_write_to_there_is_no_cache(kobert: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    encoder = TextEncoder.from_pretrained(kobert, tmp_path / "file" / "cache")
    assert encoder.encode(SENTENCES).shape == (3, 32)


def write_many(folder: Path, start: int) -> None:
    cache = VectorCache(folder)
    for number in range(start, start + 40):
        cache.put({str(number): vector(number)})


def test_two_processes_share_a_cache(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_many, args=(tmp_path, 40 * i)) for i in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert len(VectorCache(tmp_path).get([str(number) for number in range(80)])) == 80
