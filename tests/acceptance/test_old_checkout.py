"""What an older version left behind goes on working: its memory and its ``.env``."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checkout import ROOT
from program import Program

pytestmark = pytest.mark.slow

# What version 0.2.0 kept after two messages, when its code was still imported as bot, db, ….
MEMORY = ROOT / "tests" / "acceptance" / "memory_of_0_2_0.sql"
DAY = "2026-12-01"


def remember(database: Path) -> None:
    """Make the older version's memory, as if it had been used today."""
    today = datetime.now(UTC).date().isoformat()
    database.parent.mkdir(exist_ok=True)
    with sqlite3.connect(database) as connection:
        connection.executescript(MEMORY.read_text("utf-8").replace(DAY, today))
    connection.close()


def test_the_conversation_goes_on_in_the_same_data_folder(program: Program) -> None:
    remember(program.folder / "seollem" / "seollem.db")
    (program.folder / ".env").write_text("SEOLLEM_SILENCE_HOURS=48\n")
    mood, turn = program.chat("/mood", "너랑 있으면 설레")
    assert mood["conversation"]["turns"] == 2
    assert mood["percent"] == 76.1668
    assert turn["turn"] == 3


def test_an_older_env_file_names_the_database(program: Program) -> None:
    remember(program.folder / "mine.db")
    (program.folder / ".env").write_text("SEOLLEM_DATABASE_URL=sqlite:///mine.db\n")
    [mood] = program.chat("/mood", SEOLLEM_SILENCE_HOURS="48")
    assert mood["conversation"]["turns"] == 2
    assert not (program.folder / "seollem").exists()
