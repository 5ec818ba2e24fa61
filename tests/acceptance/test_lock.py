"""The lock in requirements/ is what pyproject.toml asks for, with hashes; torch stays out of it."""

import importlib.metadata
import re
import tomllib
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from checkout import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PRODUCT = tuple(map(Requirement, PYPROJECT["project"]["dependencies"]))
EXTRAS = tuple(
    Requirement(line)
    for lines in PYPROJECT["project"]["optional-dependencies"].values()
    for line in lines
)
SYSTEMS = [
    {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    for python in ("3.11", "3.12", "3.13")
    for system in ("linux", "darwin")
]


@dataclass(frozen=True, slots=True)
class Locked:
    """One entry of a lock file."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> Version:
        [pin] = self.requirement.specifier
        assert pin.operator == "=="
        return Version(pin.version)


def entries(name: str) -> list[Locked]:
    """What a lock file lists."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    locked = []
    for line in text.splitlines():
        requirement, *hashes = line.split("--hash=")
        locked.append(Locked(Requirement(requirement), tuple(map(str.strip, hashes))))
    return locked


@pytest.mark.parametrize(
    ("name", "asked"), [("product", PRODUCT), ("development", PRODUCT + EXTRAS)]
)
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_requirement_is_locked_once_on_each_system(
    name: str, asked: tuple[Requirement, ...], system: dict[str, str]
) -> None:
    versions: dict[str, Version] = {}
    for locked in entries(name):
        if locked.requirement.marker is None or locked.requirement.marker.evaluate(system):
            assert locked.name not in versions
            versions[locked.name] = locked.version
    for requirement in asked:
        if requirement.name != "torch":
            version = versions[canonicalize_name(requirement.name)]
            assert version in requirement.specifier, f"{requirement}: make lock"


@pytest.mark.parametrize("name", ["product", "development"])
def test_all_that_is_locked_has_hashes_and_nothing_names_an_index(name: str) -> None:
    assert all(
        locked.hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in locked.hashes)
        for locked in entries(name)
    )
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|@", text)


def test_what_people_run_is_what_developers_test() -> None:
    assert {(e.name, e.version) for e in entries("product")} <= {
        (e.name, e.version) for e in entries("development")
    }


def test_torch_and_what_only_some_builds_of_it_need_stay_out_of_the_lock() -> None:
    names = {locked.name for locked in entries("development")}
    assert not {n for n in names if n == "torch" or n.startswith(("nvidia", "cuda", "triton"))}
    [described] = PYPROJECT["tool"]["uv"]["dependency-metadata"]
    [pinned] = [str(r.specifier) for r in PRODUCT if r.name == "torch"]
    assert pinned == f"=={described['version']}"
    needed = {
        Requirement(line).name
        for line in importlib.metadata.requires("torch") or ()
        if "extra ==" not in line
    }
    assert set(described["requires-dist"]) <= needed
    assert {canonicalize_name(name) for name in described["requires-dist"]} <= names
