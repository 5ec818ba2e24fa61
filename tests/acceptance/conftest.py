"""Fixtures of the acceptance tests."""

import subprocess
from pathlib import Path

import pytest

from checkout import PORTRAITS
from installed import Environment, build_wheel
from program import FirstRun, Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program, on a computer where it never ran."""
    return Program(tmp_path)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """Shared, because loading the model takes seconds: change nothing that others look at."""
    program = Program(tmp_path_factory.mktemp("first"))
    return FirstRun(program, program.chat(str(PORTRAITS / "astronaut.jpg"), "/mood"))


@pytest.fixture(scope="session")
def tour(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Program, subprocess.CompletedProcess[str]]:
    """What `make run < /dev/null` runs, and how it ended."""
    program = Program(tmp_path_factory.mktemp("tour"))
    return program, program.run()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel: change nothing in it."""
    return Environment.create(tmp_path_factory.mktemp("environment"), wheel)
