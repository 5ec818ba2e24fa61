from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import CLIPConfig, CLIPModel

from seollem.vision.classifier import WEIGHTS
from seollem.vision.errors import BrokenWeights
from seollem.vision.text_tower import MAX_TOKENS, TextTower


@pytest.fixture(scope="module")
def embedded() -> TextTower:
    return TextTower.from_pretrained(WEIGHTS / "text")


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole CLIP at small size, with a tokenizer that knows four words."""
    folder = tmp_path_factory.mktemp("clip")
    words = ["<pad>", "a", "happy", "face", "sad", "<|startoftext|>", "<|endoftext|>"]
    begin, end = words.index("<|startoftext|>"), words.index("<|endoftext|>")
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, "<pad>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>",
        special_tokens=[("<|startoftext|>", begin), ("<|endoftext|>", end)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    text = {
        "vocab_size": len(words),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "bos_token_id": begin,
        "eos_token_id": end,
        "pad_token_id": 0,
    }
    vision = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    torch.manual_seed(0)
    CLIPModel(CLIPConfig(text_config=text, vision_config=vision)).save_pretrained(folder)
    return folder


def test_the_embedded_tower_knows_what_words_of_two_languages_mean(embedded: TextTower) -> None:
    joy, same, anger = embedded.encode(["기쁨", "joy", "분노"])
    assert joy @ same > joy @ anger
    assert torch.allclose(joy.norm(), torch.tensor(1.0), atol=1e-5)


def test_company_and_length_change_no_vector(embedded: TextTower) -> None:
    alone = embedded.encode(["설렘"])
    together = embedded.encode(["설렘", "a longer sentence, so that the first is padded"])
    assert torch.allclose(alone[0], together[0], atol=1e-5)
    assert embedded.encode(["word " * 10 * MAX_TOKENS]).shape == (1, embedded.hidden_size)
    assert embedded.encode([]).shape == (0, embedded.hidden_size)


def test_clip_gives_its_text_half_pooled_its_own_way(clip_folder: Path) -> None:
    tower = TextTower.from_pretrained(clip_folder)
    clip = CLIPModel.from_pretrained(clip_folder).eval()
    ids = torch.tensor([tower.tokenizer.encode("a happy face").ids])
    with torch.no_grad():
        expected = clip.text_model(input_ids=ids).pooler_output
    expected = torch.nn.functional.normalize(expected, dim=-1)
    assert torch.allclose(tower.encode(["a happy face", "sad"])[:1], expected, atol=1e-5)


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_that_lacks_a_file_is_refused(
    clip_folder: Path, tmp_path: Path, missing: str
) -> None:
    for path in clip_folder.iterdir():
        if path.name != missing:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(BrokenWeights, match="tokenizer"):
        TextTower.from_pretrained(tmp_path)
