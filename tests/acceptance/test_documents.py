"""docs/architecture.md and CONTRIBUTING.md name what is there, and all of it."""

import re
import subprocess
from pathlib import PurePath

import pytest

from checkout import ROOT

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`")


def tracked() -> set[str]:
    """The files of the checkout, but those that git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


def folders() -> set[str]:
    """The folders that hold them, as ``bot/cogs/``."""
    parents = {parent for name in tracked() for parent in PurePath(name).parents}
    return {f"{parent}/" for parent in parents if parent != PurePath(".")}


def test_the_architecture_names_every_folder() -> None:
    table = ARCHITECTURE.partition("## The folders")[2].partition("\n## ")[0]
    named = [
        path
        for line in table.splitlines()
        if line.startswith("| `")
        for path in PATH.findall(line.split("|")[1])
    ]
    assert len(named) == len(set(named))
    there = folders()
    mirrors = {folder for folder in there if folder.removeprefix("tests/") in there - {folder}}
    assert set(named) == there - mirrors


@pytest.mark.parametrize("text", [ARCHITECTURE, CONTRIBUTING], ids=["architecture", "contributing"])
def test_every_path_that_is_named_exists(text: str) -> None:
    named = {path for path in PATH.findall(text) if "/" in path}
    assert len(named) > 10
    assert named - {"seollem/"} <= tracked() | folders()


@pytest.mark.parametrize("text", [ARCHITECTURE, CONTRIBUTING], ids=["architecture", "contributing"])
def test_every_link_leads_somewhere(text: str) -> None:
    folder = ROOT / "docs" if text is ARCHITECTURE else ROOT
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert links
    assert [link for link in links if not (folder / link).exists()] == []


def test_contributing_explains_every_verb_of_the_makefile() -> None:
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    table = CONTRIBUTING.partition("## Verbs")[2].partition("\n## ")[0]
    explained = set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE))
    assert explained == {*phony.split()} - {"help", "system-libraries"}
