"""Fixtures of the acceptance tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # program.py and offline.py

from program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program, on a computer where it never ran."""
    return Program(tmp_path)
