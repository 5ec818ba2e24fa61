"""From bytes to a reading, with real face detection and a stand-in for the emotion model."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from photographs import (
    ASTRONAUT,
    ASTRONAUT_FACE,
    GRACE_HOPPER,
    astronaut,
    encode,
    grace_hopper,
    paste,
    texture,
)
from seollem.vision.analyzer import SelfieAnalyzer
from seollem.vision.detector import FaceDetector
from seollem.vision.errors import (
    AmbiguousFaces,
    ImageTooLarge,
    NoFaceFound,
    SelfieError,
    UnreadableImage,
)
from seollem.vision.images import RGB, ImageLimits
from stand_in_classifier import StandInClassifier, analyzer_with


def two_portraits(astronaut_face: float, grace_hopper_face: float) -> RGB:
    """Side by side; face sides in pixels."""
    photograph = texture(1500, 800)
    photograph = paste(astronaut(), astronaut_face / ASTRONAUT_FACE, photograph, 10, 20)
    return paste(grace_hopper(), grace_hopper_face / 198, photograph, 850, 60)


def test_a_portrait_is_read(analyzer: SelfieAnalyzer, classifier: StandInClassifier) -> None:
    reading = analyzer.read(ASTRONAUT)

    assert reading.model == "stand-in"
    assert reading.subject == 0
    assert len(reading.faces) == 1
    assert reading.face.box.width == pytest.approx(100, rel=0.1)
    assert reading.face.emotions.labels == ("neutral", "happiness", "surprise")
    assert sum(reading.face.emotions.probabilities) == pytest.approx(1)
    (crop,) = classifier.crops
    assert crop.shape == (48, 48, 3)


def test_labels_are_handed_on_as_they_are(analyzer: SelfieAnalyzer) -> None:
    assert analyzer.read(ASTRONAUT, ("설렘", "당황")).face.emotions.labels == ("설렘", "당황")


def test_two_people_of_one_size_are_ambiguous(
    analyzer: SelfieAnalyzer, classifier: StandInClassifier
) -> None:
    with pytest.raises(AmbiguousFaces, match=r"2 faces.*clearly the largest") as caught:
        analyzer.read(encode(two_portraits(130, 130)))
    assert caught.value.count == 2
    assert classifier.crops == []


def test_the_clearly_larger_of_two_people_is_the_subject(analyzer: SelfieAnalyzer) -> None:
    reading = analyzer.read(encode(two_portraits(125, 235)))
    assert len(reading.faces) == 2
    assert reading.subject == 0
    assert reading.face.box.width == pytest.approx(235, rel=0.1)
    assert reading.face.box.x > 750  # Grace Hopper stands on the right
    assert reading.faces[1].box.width == pytest.approx(125, rel=0.15)


def test_a_bystander_far_behind_does_not_take_the_picture_over(analyzer: SelfieAnalyzer) -> None:
    reading = analyzer.read(encode(two_portraits(60, 200)))
    assert reading.face.box.width == pytest.approx(200, rel=0.1)
    assert reading.face.box.x > 750


@pytest.mark.parametrize(("ratio", "is_clear"), [(1.0, True), (1.5, True), (2.8, False)])
def test_how_much_larger_is_a_setting(
    ratio: float, is_clear: bool, classifier: StandInClassifier, detector: FaceDetector
) -> None:
    analyzer = analyzer_with(classifier, detector, subject_ratio=ratio)
    picture = encode(two_portraits(125, 180))  # 2.1 in area
    if is_clear:
        assert len(analyzer.read(picture).faces) == 2
    else:
        with pytest.raises(AmbiguousFaces):
            analyzer.read(picture)


def test_a_ratio_below_one_makes_no_sense(
    classifier: StandInClassifier, detector: FaceDetector
) -> None:
    with pytest.raises(ValueError, match="subject_ratio"):
        analyzer_with(classifier, detector, subject_ratio=0.9)


@pytest.mark.parametrize("size", [(1, 1), (30, 30), (1200, 800), (3000, 2200)])
def test_without_a_face_nothing_is_read(
    size: tuple[int, int], analyzer: SelfieAnalyzer, classifier: StandInClassifier
) -> None:
    with pytest.raises(NoFaceFound, match="well lit"):
        analyzer.read(encode(texture(*size)))
    assert classifier.crops == []


def test_an_unsure_reading_says_so(classifier: StandInClassifier, detector: FaceDetector) -> None:
    top = 0.5  # about what the stand-in reads in a bright face

    def is_conclusive(at: float | None) -> bool:
        analyzer = analyzer_with(classifier, detector, conclusive_at=at)
        face = analyzer.read(ASTRONAUT).face
        assert max(face.emotions.values()) == pytest.approx(top, abs=0.09)
        return face.is_conclusive

    assert is_conclusive(top - 0.1)
    assert not is_conclusive(top + 0.1)
    assert is_conclusive(None)  # the model's own, .4


def test_a_large_photograph_has_its_box_in_its_own_pixels(analyzer: SelfieAnalyzer) -> None:
    """It is decoded at a quarter of its size, which the caller must not notice."""
    small = analyzer.read(GRACE_HOPPER).face.box
    large = paste(grace_hopper(), 6.0, np.zeros((3600, 3072, 3), np.uint8), 0, 0)
    box = analyzer.read(encode(large, quality=90)).face.box
    found = (box.x, box.y, box.width, box.height)
    assert found == pytest.approx(
        (small.x * 6, small.y * 6, small.width * 6, small.height * 6), rel=0.04
    )


def test_a_small_face_in_a_large_photograph_is_cut_from_all_its_pixels(
    analyzer: SelfieAnalyzer, classifier: StandInClassifier
) -> None:
    photograph = paste(astronaut(), 0.9, texture(3200, 2400), 1500, 900)

    face = analyzer.read(encode(photograph, quality=95)).face

    assert face.box.width == pytest.approx(90, rel=0.1)
    analyzer.read(ASTRONAUT)
    small, own = (crop.astype(float) for crop in classifier.crops)
    assert np.abs(small - own).mean() < 12  # as sharp as from the portrait itself


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_box_is_that_of_the_upright_picture(orientation: int, analyzer: SelfieAnalyzer) -> None:
    from PIL import Image

    tags = Image.Exif()
    tags[0x0112] = orientation
    turns = {1: 0, 3: 2, 6: 1, 8: 3}[orientation]
    stored = np.ascontiguousarray(np.rot90(grace_hopper(), turns))
    box = analyzer.read(encode(stored, quality=95, exif=tags)).face.box
    upright = analyzer.read(GRACE_HOPPER).face.box
    assert (box.x, box.y) == pytest.approx((upright.x, upright.y), abs=8)


def test_a_box_ends_where_the_picture_ends(analyzer: SelfieAnalyzer) -> None:
    half_out = np.ascontiguousarray(grace_hopper()[:300])  # cut below the mouth
    box = analyzer.read(encode(half_out)).face.box
    assert box.y + box.height <= 300
    assert box.x >= 0


def test_a_face_crop_is_read_without_detection(
    analyzer: SelfieAnalyzer, classifier: StandInClassifier
) -> None:
    crop = np.ascontiguousarray(texture(48, 48))
    reading = analyzer.read_crop(encode(crop, "PNG"))
    assert np.array_equal(classifier.crops[0], crop)
    assert (reading.face.box.width, reading.face.box.height) == (48, 48)
    assert reading.face.score == 1


@pytest.mark.parametrize(("width", "height"), [(1, 1), (15, 48), (48, 15)])
def test_a_face_crop_of_a_few_pixels_shows_no_face(
    width: int, height: int, analyzer: SelfieAnalyzer
) -> None:
    with pytest.raises(NoFaceFound, match=f"{width} × {height}"):
        analyzer.read_crop(encode(texture(width, height), "PNG"))


@pytest.mark.parametrize("read", ["read", "read_crop"])
def test_bad_pictures_are_typed_errors(read: str, analyzer: SelfieAnalyzer) -> None:
    truncated = ASTRONAUT[: len(ASTRONAUT) // 2]
    for data in (b"", b"Good morning!", truncated, b"%PDF-1.7"):
        with pytest.raises(UnreadableImage):
            getattr(analyzer, read)(data)


def test_the_limits_are_settings(classifier: StandInClassifier, detector: FaceDetector) -> None:
    limits = ImageLimits(max_bytes=len(ASTRONAUT), max_pixels=512 * 599)
    analyzer = analyzer_with(classifier, detector, limits=limits)
    analyzer.read(ASTRONAUT)
    with pytest.raises(ImageTooLarge):
        analyzer.read(GRACE_HOPPER)


def test_several_threads_get_the_answers_of_one(analyzer: SelfieAnalyzer) -> None:
    pictures = [
        ASTRONAUT,
        GRACE_HOPPER,
        encode(two_portraits(130, 130)),
        encode(two_portraits(80, 200)),
        encode(texture(500, 400)),
        b"nothing",
    ] * 4

    def answer(data: bytes) -> object:
        try:
            return analyzer.read(data)
        except SelfieError as error:
            return type(error), str(error)

    series = [answer(data) for data in pictures]
    with ThreadPoolExecutor(6) as threads:
        parallel = list(threads.map(answer, pictures))
    assert [repr(one) for one in parallel] == [repr(one) for one in series]
