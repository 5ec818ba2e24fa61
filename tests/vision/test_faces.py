"""The detector files behind MediaPipe: checked, quiet, and none the worse for a bad picture."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from checkout import PORTRAITS
from photographs import astronaut
from seollem.vision.detector import FaceDetector
from seollem.vision.errors import BrokenWeights
from seollem.vision.faces import FULL_RANGE, SHORT_RANGE, WEIGHTS, BlazeFace


@pytest.mark.parametrize("name", [FULL_RANGE, SHORT_RANGE])
def test_a_missing_detector_file_is_named(name: str, tmp_path: Path) -> None:
    for file in {FULL_RANGE, SHORT_RANGE} - {name}:
        shutil.copy(WEIGHTS / file, tmp_path)
    with pytest.raises(BrokenWeights, match=rf"{name}.*install Seollem again"):
        FaceDetector(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"\0"])
def test_a_damaged_detector_file_is_refused(damage: bytes, tmp_path: Path) -> None:
    whole = (WEIGHTS / SHORT_RANGE).read_bytes()
    (tmp_path / SHORT_RANGE).write_bytes(whole[:1000] + damage + whole[1001:])
    with pytest.raises(BrokenWeights, match="damaged"):
        BlazeFace(tmp_path / SHORT_RANGE)


def test_a_view_that_mediapipe_cannot_take_does_not_spoil_the_next() -> None:
    blazeface = BlazeFace(WEIGHTS / FULL_RANGE)
    before = blazeface.detect(astronaut())
    for _ in range(3):
        with pytest.raises((ValueError, RuntimeError)):
            blazeface.detect(np.zeros((0, 5, 3), np.uint8))
        assert blazeface.detect(astronaut()) == before
    blazeface.close()


@pytest.mark.parametrize("ending", ["detector.close()", "", "detector._full_range.detect(empty)"])
def test_the_terminal_stays_clean_from_start_to_end(ending: str) -> None:
    """Also where nobody closes the detector, and after MediaPipe raised an error."""
    code = f"""
import numpy as np
from pathlib import Path
from seollem.vision.detector import FaceDetector
from seollem.vision.images import Picture
empty = np.zeros((0, 5, 3), np.uint8)
detector = FaceDetector()
print(len(detector.find(Picture(Path({str(PORTRAITS / "astronaut.jpg")!r}).read_bytes()).decode())))
try:
    {ending or "pass"}
except RuntimeError:
    print("raised")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split()[0] == "1"
    noise = [line for line in done.stderr.splitlines() if "Python" in line or "Traceback" in line]
    assert noise == []
    if "empty" not in ending:
        assert done.stderr == ""


def test_importing_the_detector_loads_neither_mediapipe_nor_torch() -> None:
    code = "import sys, seollem.vision.analyzer; print({'mediapipe', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
