"""What is in the box: real weights, on public-domain portraits and what cameras do to them."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from checkout import PORTRAITS
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE, NEW_EMOTIONS, display_name
from seollem.vision.analyzer import SelfieAnalyzer
from seollem.vision.checkpoints import FILE_NAME, verify_checksums
from seollem.vision.classifier import WEIGHTS, EmotionClassifier
from seollem.vision.text_tower import TextTower

pytestmark = pytest.mark.slow

SMILING = PORTRAITS / "astronaut.jpg"

VARIANTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda image: image,
    "mirrored": ImageOps.mirror,
    "grey": lambda image: image.convert("L"),
    "half as large": lambda image: image.resize((image.width // 2, image.height // 2)),
    "twice as large": lambda image: image.resize((image.width * 2, image.height * 2)),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.5),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.3),
    "flatter": lambda image: ImageEnhance.Contrast(image).enhance(0.6),
    "sharper": lambda image: ImageEnhance.Sharpness(image).enhance(3),
    "tilted": lambda image: image.rotate(12, expand=True),
    "lying on its side": lambda image: image.rotate(90, expand=True),
    "in a wide frame": lambda image: ImageOps.expand(image, 300, (90, 120, 150)),
}


@pytest.fixture(scope="module")
def analyzer() -> SelfieAnalyzer:
    return SelfieAnalyzer.from_pretrained(threads=1)


def as_jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_smile_is_read_as_happiness_whatever_the_camera_does(
    analyzer: SelfieAnalyzer, variant: str
) -> None:
    with Image.open(SMILING) as image:
        reading = analyzer.read(as_jpeg(VARIANTS[variant](image)))
    assert reading.face.emotions.top(1).labels == ("happiness",)
    assert reading.face.is_conclusive
    assert sum(reading.face.emotions.values()) == pytest.approx(1)


def test_a_smile_is_read_in_words_that_training_never_used(analyzer: SelfieAnalyzer) -> None:
    smile = SMILING.read_bytes()
    english = ("joyful", "furious", "terrified", "sorrowful")
    korean = ("즐거운", "격분한", "무서워하는", "서글픈")
    for labels in (english, korean):
        emotions = analyzer.read(smile, labels).face.emotions
        assert emotions.labels == labels
        assert emotions.top(1).labels == labels[:1]


def test_any_thread_gives_the_same_reading(analyzer: SelfieAnalyzer) -> None:
    pictures = [path.read_bytes() for path in sorted(PORTRAITS.glob("*.jpg"))] * 3
    alone = [analyzer.read(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(analyzer.read, pictures))
    assert [r.face.emotions.probabilities for r in alone] == [
        r.face.emotions.probabilities for r in together
    ]


def test_known_labels_load_no_text_tower(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> TextTower:
        raise AssertionError("the text tower was loaded")

    monkeypatch.setattr(TextTower, "from_pretrained", refuse)
    classifier = EmotionClassifier.from_pretrained(threads=1)
    crop = np.full((48, 48, 3), 127, np.uint8)
    english = [display_name(label, "en") for label in KOTE]
    for labels in (None, FACE_EMOTIONS, KOTE, NEW_EMOTIONS, english, ["설렘", "호감"]):
        assert classifier.read([crop], labels)
    assert classifier.labels == FACE_EMOTIONS


def test_stored_vectors_are_what_the_text_tower_gives() -> None:
    from seollem.vision.label_vectors import LabelSpace

    tower = TextTower.from_pretrained(WEIGHTS / "text")
    stored = LabelSpace.load(WEIGHTS, lambda: tower)
    fresh = LabelSpace(stored.template_means, {}, lambda: tower)
    labels = [*FACE_EMOTIONS, *KOTE[::6]]
    cosines = (stored(labels) * fresh(labels)).sum(dim=1)
    assert cosines.min() > 0.999


def test_what_ships_is_small_whole_and_cannot_carry_code() -> None:
    verify_checksums(WEIGHTS)
    verify_checksums(WEIGHTS, below="text/")
    listed = json.loads((WEIGHTS / FILE_NAME).read_text())
    weights = {path for path in WEIGHTS.rglob("*") if path.suffix in {".safetensors", ".tflite"}}
    assert {str(path.relative_to(WEIGHTS)) for path in weights} <= listed.keys()
    assert not [path for path in WEIGHTS.rglob("*") if path.suffix in {".bin", ".pt", ".pkl"}]
    assert (WEIGHTS / "model.safetensors").stat().st_size <= 9_000_000
    text = (WEIGHTS / "text").rglob("*")
    assert sum(path.stat().st_size for path in text) <= 38_000_000
