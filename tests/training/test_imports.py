import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# What a machine that only trains lacks, and what only some of the commands need.
ABSENT = ("mediapipe", "cv2", "discord", "ray", "optuna", "onnxruntime", "kaggle")
TRAINING = (
    "finetune.finetune",
    "finetune.run",
    "search.search",
    "search.tune",
    "release.wise_ft",
    "release.export",
    "measure.evaluate",
)


def test_training_needs_no_camera_no_discord_and_no_cluster() -> None:
    lines = [
        "import sys, importlib",
        f"sys.modules.update(dict.fromkeys({ABSENT!r}))",
        f"for name in {TRAINING!r}: importlib.import_module('seollem.training.' + name)",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
