"""CLIP without training, beside which fine-tuned readers are set."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import CLIPConfig, CLIPModel

from seollem.training.data.faces import FaceSet
from seollem.training.errors import CheckpointError
from seollem.training.measure.classifiers import ZeroShotClassifier
from seollem.training.measure.plain_clip import SENTENCES, plain_clip
from seollem.training.measure.zeroshot_rows import zero_shot
from seollem.vision.model import EmotionCLIPConfig
from seollem.vision.pixels import to_pixels

pytestmark = pytest.mark.slow

LABELS = ("happiness", "슬픔")  # CLIP is asked in English


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole CLIP at small size, with a tokenizer that knows the sentences' words."""
    folder = tmp_path_factory.mktemp("clip")
    text = " ".join(SENTENCES).replace("{}", "happiness sadness")
    words = ["<pad>", "<unk>", *dict.fromkeys(text.replace(".", " .").split()), "<start>", "<end>"]
    begin, end = len(words) - 2, len(words) - 1
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", begin), ("<end>", end)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2}
    ids = {"bos_token_id": begin, "eos_token_id": end, "pad_token_id": 0}
    config = CLIPConfig(
        text_config=sizes | ids | {"vocab_size": len(words), "num_hidden_layers": 2},
        vision_config=sizes | {"num_hidden_layers": 2, "image_size": 48, "patch_size": 16},
        projection_dim=16,
    )
    torch.manual_seed(8)
    CLIPModel(config).save_pretrained(folder)
    return folder


def test_plain_clip_reads_as_the_published_model_does(clip: Path, few_faces: FaceSet) -> None:
    left = few_faces.images[:3, :, :24]
    images = np.concatenate([left, left[:, :, ::-1]], axis=2)  # their own mirror images
    read = plain_clip(str(clip), images).runs[0](LABELS)
    whole = CLIPModel.from_pretrained(clip).eval()
    tokenizer = Tokenizer.from_file(str(clip / "tokenizer.json"))
    config = EmotionCLIPConfig(
        image_size=48,
        pixel_mean=[0.48145466, 0.4578275, 0.40821073],
        pixel_std=[0.26862954, 0.26130258, 0.27577711],
    )
    pixels = to_pixels(torch.from_numpy(images).unsqueeze(1).float(), config)
    vectors = []
    for name in ("happiness", "sadness"):
        ids = [tokenizer.encode(sentence.format(name)).ids for sentence in SENTENCES]
        with torch.no_grad():
            embedded = [whole.get_text_features(torch.tensor([i])).pooler_output[0] for i in ids]
        vectors.append(torch.stack([e / e.norm() for e in embedded]).mean(dim=0))
    with torch.no_grad():
        faces = whole.get_image_features(pixels).pooler_output
    cosines = torch.nn.functional.cosine_similarity(
        faces[:, None], torch.stack(vectors)[None], dim=-1
    )
    assert np.allclose(read, (100 * cosines).softmax(dim=1), atol=1e-3)


def test_what_is_no_clip_is_refused(untrained_checkpoint: Path, few_faces: FaceSet) -> None:
    with pytest.raises(CheckpointError, match="no CLIP"):
        plain_clip(str(untrained_checkpoint), few_faces.images)


def test_a_reader_without_korean_is_not_asked_in_korean(few_faces: FaceSet) -> None:
    def read(labels: Sequence[str]) -> NDArray[np.float32]:
        return np.full((len(few_faces), len(labels)), 1 / len(labels), np.float32)

    rows = list(
        zero_shot([ZeroShotClassifier("english", (read,), korean=False)], few_faces, few_faces)
    )
    assert not [row for row in rows if row.name == "english" and "Korean" in row.group]
    assert [row for row in rows if "literature" in row.name and row.n is None]
