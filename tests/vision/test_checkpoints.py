import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from seollem.vision.checkpoints import local_folder, verify_checksums, write_checksums
from seollem.vision.classifier import WEIGHTS, EmotionClassifier
from seollem.vision.errors import BrokenWeights
from seollem.vision.label_vectors import FILE_NAME as LABELS_FILE
from seollem.vision.model import EmotionCLIP, EmotionCLIPConfig


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "text").mkdir()
    for name in ("config.json", "model.safetensors", "text/tokenizer.json"):
        (tmp_path / name).write_text(name)
    write_checksums(tmp_path)
    return tmp_path


def test_an_untouched_checkpoint_passes(folder: Path) -> None:
    verify_checksums(folder)
    verify_checksums(folder, below="text/")


@pytest.mark.parametrize("damage", ["altered", "missing"])
def test_a_damaged_file_is_named(folder: Path, damage: str) -> None:
    path = folder / "model.safetensors"
    if damage == "missing":
        path.unlink()
    else:
        path.write_text("something else")
    with pytest.raises(BrokenWeights, match=r"model\.safetensors.*make or fetch this checkpoint"):
        verify_checksums(folder)


@pytest.mark.parametrize("listing", ["[]", "{", '"config.json"'])
def test_a_list_of_another_form_is_damaged(folder: Path, listing: str) -> None:
    (folder / "checksums.json").write_text(listing)
    with pytest.raises(BrokenWeights, match=r"checksums\.json is damaged"):
        verify_checksums(folder)


def test_the_text_tower_is_checked_only_when_it_is_asked_for(folder: Path) -> None:
    (folder / "text" / "tokenizer.json").write_text("something else")
    verify_checksums(folder)
    with pytest.raises(BrokenWeights, match=r"tokenizer\.json"):
        verify_checksums(folder, below="text/")


def test_a_damaged_list_is_refused(folder: Path) -> None:
    (folder / "checksums.json").write_text("{")
    with pytest.raises(BrokenWeights, match="damaged"):
        verify_checksums(folder)


@pytest.mark.parametrize("part", ["heads.ferplus.", "image_tower.", "log_scales."])
def test_a_face_model_that_lacks_a_part_is_not_filled_up_at_random(
    tmp_path: Path, part: str
) -> None:
    config = EmotionCLIPConfig(image_size=32, projection_dim=8)
    EmotionCLIP(config).save_pretrained(tmp_path)
    shutil.copy(WEIGHTS / LABELS_FILE, tmp_path)
    EmotionClassifier.from_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if not name.startswith(part)}
    save_file(kept, tmp_path / "model.safetensors")
    with pytest.raises(BrokenWeights, match=f"lacks {len(weights) - len(kept)} of .*{part}"):
        EmotionClassifier.from_pretrained(tmp_path)


@pytest.mark.parametrize("name", ["nobody/has-this-model", "~no-such-user/model"])
def test_a_name_that_is_nowhere_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(BrokenWeights, match="neither a folder"):
        local_folder(name)
