"""Fixtures of the vision tests: the real face detector, and a stand-in for the emotion model."""

from collections.abc import Iterator

import pytest

from seollem.vision.analyzer import SelfieAnalyzer
from seollem.vision.detector import FaceDetector
from stand_in_classifier import StandInClassifier, analyzer_with


@pytest.fixture(scope="session")
def detector() -> Iterator[FaceDetector]:
    """MediaPipe's own, opened once."""
    detector = FaceDetector()
    yield detector
    detector.close()


@pytest.fixture
def classifier() -> StandInClassifier:
    return StandInClassifier()


@pytest.fixture
def analyzer(classifier: StandInClassifier, detector: FaceDetector) -> SelfieAnalyzer:
    """Real pictures, real faces; what they show is made up."""
    return analyzer_with(classifier, detector)
