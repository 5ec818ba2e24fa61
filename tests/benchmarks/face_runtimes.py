"""Faces by PyTorch and by ONNX Runtime, one after the other in one run.

    seollem train onnx --model vision/weights --data data/fer2013.npz --out runs/onnx
    python tests/benchmarks/face_runtimes.py runs/onnx [--faces 1] [--rounds 200]

All sides read the same crops with the embedded labels on one core; they take turns, so that what
else the machine does touches all. Prints medians, and which part of PyTorch's time they are.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from seollem.vision.classifier import EmotionClassifier

PORTRAIT = Path(__file__).parents[2] / "bot" / "portraits" / "astronaut.jpg"
FACE = (164, 58, 286, 180)  # left, top, right, bottom, in pixels
WARM_UP = 5  # rounds


def compare(folder: Path, faces: int, rounds: int) -> dict[str, float]:
    """Median seconds of each side for ``faces`` crops at a time."""
    with Image.open(PORTRAIT) as portrait:
        crop = np.asarray(portrait.convert("RGB").crop(FACE).resize((48, 48)))
    sides = {
        "PyTorch": EmotionClassifier.from_pretrained(threads=1),
        "ONNX fp32": EmotionClassifier.from_pretrained(folder / "fp32", threads=1),
        "ONNX int8": EmotionClassifier.from_pretrained(folder / "int8", threads=1),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for round_number in range(WARM_UP + rounds):
        for name, classifier in sides.items():
            start = time.perf_counter()
            classifier.read([crop] * faces)
            if round_number >= WARM_UP:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def main() -> int:
    """0: there is no target to miss."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="what seollem train onnx wrote")
    parser.add_argument("--faces", type=int, default=1, help="a call")
    parser.add_argument("--rounds", type=int, default=200)
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    cv2.setNumThreads(1)
    medians = compare(args.folder, args.faces, args.rounds)
    for name, median in medians.items():
        ratio = median / medians["PyTorch"]
        print(f"{name:<10} {median * 1e3:7.2f} ms   {ratio:.2f} × PyTorch's time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
