"""How messages are read, with a checkpoint of known answers and with real ones at small size."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from seollem.scoring.text import TextEmotionClassifier
from seollem.scoring.text_checkpoint import TextCheckpoint
from seollem.vision.errors import BrokenWeights

LABELS = ("기쁨", "화남/분노", "없음")


class Answers:
    """Logits by the words in a sentence; remembers what it was asked."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def __call__(self, sentences: Sequence[str]) -> torch.Tensor:
        self.batches.append(list(sentences))
        return torch.tensor([self._of(sentence) for sentence in sentences])

    def _of(self, sentence: str) -> list[float]:
        joy = 4.0 if "ㅋㅋ" in sentence or "좋아" in sentence else -4.0
        anger = 3.0 if "꺼져" in sentence and "ㅋㅋ" not in sentence else -3.0
        return [joy, anger, -1.0]


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def classifier(answers: Answers) -> TextEmotionClassifier:
    return TextEmotionClassifier(TextCheckpoint("known", LABELS, (0.5, 0.4, 0.5), answers))


def test_what_reaches_its_threshold_is_present(classifier: TextEmotionClassifier) -> None:
    (reading,) = classifier.read(["좋아"])
    assert reading.present == ("기쁨",)
    assert reading.is_conclusive
    assert reading.emotions["기쁨"] == pytest.approx(1 / (1 + 2.718281828**-4))
    assert reading.model == "known"


def test_laughter_after_an_insult_is_not_taken_at_face_value(
    classifier: TextEmotionClassifier,
) -> None:
    insult, fun = classifier.read(["꺼져 ㅋㅋㅋ", "좋아 ㅋㅋㅋ"])
    assert insult.present == ("화남/분노",)
    assert fun.present == ("기쁨",)


@pytest.mark.parametrize(
    "message", ["", " \n", "\ud800", "\x00\x01", "\u202e\u202c", "…", "привет мир", "مرحبا بكم"]
)
def test_a_message_with_nothing_to_read_is_neutral(
    message: str, classifier: TextEmotionClassifier, answers: Answers
) -> None:
    (reading,) = classifier.read([message])
    assert dict(reading.emotions) == {"기쁨": 0.0, "화남/분노": 0.0, "없음": 1.0}
    assert reading.present == ()
    assert not reading.is_conclusive
    assert answers.batches == []


def test_readings_keep_the_order_of_the_messages_and_ask_once_for_each(
    classifier: TextEmotionClassifier, answers: Answers
) -> None:
    messages = [f"{'아' * (i % 7)}좋아{i}" if i % 2 else f"꺼져{i}" for i in range(80)]
    readings = classifier.read([*messages, *messages])
    assert [r.present[0] for r in readings] == ["화남/분노", "기쁨"] * 80
    assert sum(map(len, answers.batches)) == 80
    assert max(map(len, answers.batches)) <= 32


def test_no_messages_no_readings(classifier: TextEmotionClassifier) -> None:
    assert classifier.read([]) == ()


@pytest.fixture(scope="module")
def sequence_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sequence-classification checkpoint as Transformers saves it."""
    folder = tmp_path_factory.mktemp("electra")
    words = ["[PAD]", "[UNK]", "좋아", "싫어", "a", "happy", "face"]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_a_checkpoint_of_transformers_drops_in(sequence_checkpoint: Path) -> None:
    classifier = TextEmotionClassifier.from_pretrained(sequence_checkpoint)
    assert classifier.labels == LABELS
    alone, longer = classifier.read(["좋아", "싫어 좋아 싫어"])
    assert alone.emotions != longer.emotions
    (again,) = classifier.read(["좋아"])
    assert list(again.emotions.values()) == pytest.approx(list(alone.emotions.values()), abs=1e-5)


def test_a_checkpoint_that_names_no_labels_is_refused(
    sequence_checkpoint: Path, tmp_path: Path
) -> None:
    for file in sequence_checkpoint.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    config["id2label"] = {i: f"LABEL_{i}" for i in range(len(LABELS))}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(BrokenWeights, match="id2label"):
        TextEmotionClassifier.from_pretrained(tmp_path)


@pytest.mark.parametrize("part", ["classifier.", "bert.pooler.", "bert.encoder.layer.0.output."])
def test_a_checkpoint_that_lacks_weights_is_not_filled_up_at_random(
    part: str, sequence_checkpoint: Path, tmp_path: Path
) -> None:
    for file in sequence_checkpoint.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = load_file(tmp_path / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if not name.startswith(part)}
    save_file(kept, tmp_path / "model.safetensors")
    with pytest.raises(BrokenWeights, match=f"lacks {len(weights) - len(kept)} of .*{part}"):
        TextEmotionClassifier.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    ("missing", "message"),
    [("tokenizer.json", "no tokenizer"), ("config.json", "holds no message reader")],
)
def test_a_checkpoint_without_a_part_says_so(
    missing: str, message: str, sequence_checkpoint: Path, tmp_path: Path
) -> None:
    for file in sequence_checkpoint.iterdir():
        if file.name != missing:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(BrokenWeights, match=message):
        TextEmotionClassifier.from_pretrained(tmp_path)
