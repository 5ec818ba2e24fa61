from pathlib import Path

import pytest
import torch

from seollem.vision.errors import BrokenWeights, LabelError
from seollem.vision.label_vectors import LabelSpace, check_labels
from seollem.vision.prompts import TRAINED_WORDS, prompts_of, templates_of, words_of
from seollem.vision.text_tower import TextTower


def no_tower() -> TextTower:
    raise AssertionError("a stored label needs no text tower")


def space(tmp_path: Path) -> LabelSpace:
    vectors = torch.nn.functional.normalize(torch.randn(2, 4), dim=1)
    return LabelSpace(torch.zeros(8, 4), dict(zip(("joy", "기쁨"), vectors, strict=True)), no_tower)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], "at least one"),
        (["joy", " "], "blank"),
        (["joy", "joy"], "twice: joy"),
        (["jo\ud83dy"], "cannot be printed"),
        (["jo\ty"], "cannot be printed"),
    ],
)
def test_labels_that_cannot_be_asked_for_are_refused(labels: list[str], message: str) -> None:
    with pytest.raises(LabelError, match=message):
        check_labels(labels)


def test_what_is_saved_comes_back_in_any_order(tmp_path: Path) -> None:
    original = space(tmp_path)
    original.save(tmp_path)
    loaded = LabelSpace.load(tmp_path, no_tower)
    assert torch.equal(loaded(["기쁨", "joy"]), original(["joy", "기쁨"]).flip(0))


def test_a_damaged_file_of_vectors_is_refused(tmp_path: Path) -> None:
    space(tmp_path).save(tmp_path)
    path = tmp_path / "labels.safetensors"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(BrokenWeights, match=r"labels\.safetensors"):
        LabelSpace.load(tmp_path, no_tower)


def test_a_label_of_several_words_is_taken_apart() -> None:
    assert words_of("부담/안_내킴") == ("부담", "안 내킴")
    assert words_of("흐뭇함(귀여움/예쁨)") == ("흐뭇함", "귀여움", "예쁨")
    assert words_of("/") == ("/",)
    assert words_of("anger") == TRAINED_WORDS["anger"]


def test_a_word_is_asked_for_in_its_own_language() -> None:
    assert all("설렘" in sentence for _, sentence in prompts_of("설렘"))
    assert not set(templates_of("설렘")) & set(templates_of("flutter"))
