"""A miniature of everything training needs: official files, a face network, a text tower."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel

from seollem.scoring.emotions import FACE_EMOTIONS, FER2013, KOTE, display_name
from seollem.training.data.faces import ANNOTATORS, VOTE_COLUMNS, FaceSet
from seollem.training.data.fer2013 import read_official
from seollem.training.towers.backbones import build_model
from seollem.training.towers.checkpoints import save_text_tower
from seollem.training.towers.vocabulary import build_label_space
from seollem.vision.image_towers import FACE_MOBILENET_CHANNELS
from seollem.vision.prompts import TEMPLATES, TRAINED_WORDS
from seollem.vision.text_tower import TextTower
from training_command import main

ROWS = {"Training": 56, "PublicTest": 14, "PrivateTest": 14}
# FER-2013's label number → the column of FERPlus that names the same emotion
SAME = dict(enumerate(FER2013))


@pytest.fixture(scope="session")
def official_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """fer2013.csv and fer2013new.csv with seven kinds of stripes for faces."""
    folder = tmp_path_factory.mktemp("fer2013")
    random = np.random.default_rng(7)
    with (
        (folder / "fer2013.csv").open("w", newline="") as pixels_file,
        (folder / "fer2013new.csv").open("w", newline="") as votes_file,
    ):
        pixels, votes = csv.writer(pixels_file), csv.writer(votes_file)
        pixels.writerow(["emotion", "pixels", "Usage"])
        votes.writerow(["Usage", "Image name", *VOTE_COLUMNS])
        for usage, count in ROWS.items():
            for row in range(count):
                label = row % 7
                pixels.writerow([label, " ".join(map(str, stripes(label, random))), usage])
                own = [8 if name == SAME[label] else 0 for name in VOTE_COLUMNS]
                own[0] += 2
                votes.writerow([usage, f"fer{row:07d}.png", *own])
    return folder


def stripes(label: int, random: np.random.Generator) -> list[int]:
    wave = 128 + 90 * np.sin(np.arange(48) * (label + 1) / 6)
    face = np.tile(wave, (48, 1)) + random.normal(0, 8, (48, 48))
    return [int(value) for value in face.clip(0, 255).ravel()]


@pytest.fixture(scope="session")
def face_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights in the published form: batch norms folded into scale and shift."""
    folder = tmp_path_factory.mktemp("face-mobilenet")
    torch.manual_seed(3)
    weights = {"conv1.weight": torch.randn(32, 3, 3, 3) * 0.01, "conv1.shift": torch.rand(32)}
    inputs = 32
    for number, outputs in enumerate(FACE_MOBILENET_CHANNELS, start=1):
        weights[f"dw{number}.weight"] = torch.randn(inputs, 1, 3, 3) * 0.3
        weights[f"dw{number}.scale"] = torch.rand(inputs) + 0.5
        weights[f"dw{number}.shift"] = torch.randn(inputs) * 0.1
        weights[f"pw{number}.weight"] = torch.randn(outputs, inputs, 1, 1) / inputs**0.5
        weights[f"pw{number}.shift"] = torch.randn(outputs) * 0.1
        inputs = outputs
    save_file(weights, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="session")
def sentence_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BERT with a Unigram tokenizer trained on the prompts."""
    folder = tmp_path_factory.mktemp("encoder")
    words = [word for group in TRAINED_WORDS.values() for word in group]
    words += [*KOTE, *(display_name(label, "en") for label in KOTE)]
    corpus = [template.format(word) for template in TEMPLATES for word in words]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(
        corpus,
        trainers.UnigramTrainer(vocab_size=600, special_tokens=special, unk_token="<unk>"),
    )
    # Its threads leave the words in another order each time, and their scores a little apart.
    learned = json.loads(tokenizer.to_str())["model"]["vocab"][len(special) :]
    tokenizer.model = models.Unigram(
        [(word, 0.0) for word in special]
        + sorted((word, round(score, 2)) for word, score in learned),
        unk_id=special.index("<unk>"),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        pad_token_id=1,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def few_faces(official_files: Path) -> FaceSet:
    """The miniature's rows, some of them compound, one without a label that anybody agreed on."""
    faces = read_official(official_files)[0]
    faces.votes[::5, 1:] = 0
    faces.votes[::5, FACE_EMOTIONS.index("surprise")] = 4
    faces.votes[::5, FACE_EMOTIONS.index("fear")] = 4
    faces.votes[1, :] = [0] * 8 + [9, 1]
    return faces


@pytest.fixture(scope="session")
def untrained_checkpoint(
    few_faces: FaceSet,
    face_network: Path,
    sentence_encoder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """What finetune starts from, in the form that ships, with a text tower inside."""
    folder = tmp_path_factory.mktemp("untrained")
    tower = TextTower.from_pretrained(sentence_encoder)
    sample = torch.from_numpy(few_faces.images).unsqueeze(1).float()
    torch.manual_seed(11)
    model = build_model(
        str(face_network),
        text_dim=tower.hidden_size,
        faces=sample,
        image_size=48,
        annotator_labels={name: list(ANNOTATORS[name]) for name in few_faces.annotators},
    )
    model.save_pretrained(folder)
    label_space = build_label_space(tower)
    label_space(FACE_EMOTIONS)
    label_space.save(folder)
    save_text_tower(tower, folder / "text")
    return folder


@pytest.fixture(scope="session")
def data(official_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data") / "fer2013.npz"
    assert main(["prepare", "--source", str(official_files), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="session")
def towers(face_network: Path, sentence_encoder: Path) -> list[str]:
    return ["--backbone", str(face_network), "--encoder", str(sentence_encoder)]


@pytest.fixture(scope="session")
def run(data: Path, towers: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    settings = ["--preset", "smoke", "--epochs", "2", "--threads", "1"]
    paths = ["--data", str(data), *towers, "--out", str(out)]
    assert main(["finetune", *settings, *paths]) == 0
    return out
