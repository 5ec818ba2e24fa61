"""Many writers at once, in one process and in several: nothing is lost, nothing counts twice."""

import asyncio
import sys
from asyncio import subprocess

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from readings import face
from seollem.db.consents import Consents
from seollem.db.engine import create_engine, migrate
from seollem.db.histories import Histories
from seollem.db.models import ConsentRow, ConversationRow
from seollem.db.people import People
from seollem.db.transactions import writing
from seollem.scoring.affection import RunningMood, conversation_affection
from seollem.scoring.engine import ScoringEngine
from seollem.scoring.errors import NotAgreed
from seollem.scoring.label_weights import LabelWeights
from seollem.vision.readings import Emotions

pytestmark = pytest.mark.slow

WRITERS = 200
PROCESSES = 4

# One writing process: opens the database itself, as a second bot on the same memory would.
WRITER = """
import asyncio, sys
from seollem.db.engine import create_engine, migrate
from seollem.db.histories import Histories
from seollem.scoring.engine import ScoringEngine
from seollem.scoring.fusion import Reading
from seollem.scoring.label_weights import LabelWeights
from seollem.scoring.readings import MessageReading
from seollem.vision.readings import Emotions

async def main(url, process, turns):
    database = create_engine(url)
    await migrate(database)
    engine = ScoringEngine(histories=Histories(database), weights=LabelWeights.load())
    async def record(turn):
        emotions = Emotions.of({"happiness": turn / 100, "anger": 1 - turn / 100})
        for message in (f"{process}-{turn}", f"shared-{turn}"):
            await engine.record_turn(
                Reading(message=MessageReading(emotions, (), False, "m")),
                user=f"discord:{turn % 3}", place="dm", message_id=message,
            )
    await asyncio.gather(*map(record, range(turns)))
    await database.dispose()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


async def say(
    engine: ScoringEngine, user: str, message_id: str, *, agreed_to: int | None = None
) -> bool:
    recorded = await engine.record_turn(
        face(Emotions.of({"happiness": 1.0})),
        user=user,
        place="dm",
        message_id=message_id,
        agreed_to=agreed_to,
    )
    return recorded.is_new


async def assert_sums_are_plain(database: AsyncEngine, user: str) -> int:
    """Every sum that is carried equals the one done anew; how many turns there are."""
    export = await People(database).export(user)
    (conversation,) = export["conversations"]
    affections = [turn["affection"] for turn in conversation["history"]]
    assert conversation["turns"] == len(affections)
    carried = RunningMood(*(conversation[key] for key in ("turns", "weighted_sum", "lost")))
    assert carried.affection == pytest.approx(conversation_affection(affections), abs=1e-9)
    return len(affections)


async def test_two_hundred_concurrent_writers_lose_nothing(
    engine: ScoringEngine, database: AsyncEngine
) -> None:
    answers = await asyncio.gather(
        *(say(engine, f"discord:{n % 5}", f"message-{n}") for n in range(WRITERS))
    )
    assert all(answers)
    counts = [await assert_sums_are_plain(database, f"discord:{n}") for n in range(5)]
    assert counts == [WRITERS / 5] * 5


async def test_a_message_delivered_fifty_times_at_once_counts_once(
    engine: ScoringEngine, database: AsyncEngine
) -> None:
    answers = await asyncio.gather(*(say(engine, "discord:1", "77") for _ in range(50)))
    assert sorted(answers) == [False] * 49 + [True]
    assert await assert_sums_are_plain(database, "discord:1") == 1


async def test_readers_are_answered_while_others_write(
    engine: ScoringEngine, database: AsyncEngine
) -> None:
    await say(engine, "discord:1", "first")

    async def read() -> None:
        turns = 1
        for _ in range(20):
            mood = await engine.mood(user="discord:1", place="dm")
            history = await engine.history(user="discord:1", place="dm", limit=1000)
            assert mood is not None
            assert turns <= mood.turns <= len(history)
            assert [turn.number for turn in history] == list(range(1, len(history) + 1))
            turns = len(history)

    writers = [say(engine, "discord:1", f"message-{n}") for n in range(60)]
    await asyncio.gather(*writers, *(read() for _ in range(5)))
    assert await assert_sums_are_plain(database, "discord:1") == 61


async def test_writing_forgetting_and_erasing_at_once_leave_whole_sums(
    engine: ScoringEngine, database: AsyncEngine
) -> None:
    async def say_and_forget(number: int) -> None:
        await say(engine, "discord:1", f"message-{number}")
        if number % 2:
            assert len(await engine.forget_message(f"message-{number}")) == 1

    async def say_and_erase() -> None:
        await say(engine, "discord:2", "gone")
        await People(database).erase("discord:2")

    await asyncio.gather(*map(say_and_forget, range(60)), *(say_and_erase() for _ in range(5)))
    assert await assert_sums_are_plain(database, "discord:1") == 30
    assert await People(database).count_turns("discord:2") == 0


async def test_four_processes_start_and_write_at_once_and_lose_nothing(database_url: str) -> None:
    turns = WRITERS // PROCESSES
    writers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WRITER, database_url, str(process), str(turns)),
            stderr=subprocess.PIPE,
        )
        for process in range(PROCESSES)
    ]
    for writer in writers:
        _, errors = await writer.communicate()
        assert writer.returncode == 0, errors.decode()
    database = create_engine(database_url)
    await migrate(database)
    counts = [await assert_sums_are_plain(database, f"discord:{n}") for n in range(3)]
    await database.dispose()
    # Each process has its own messages, and one more of each turn that all of them deliver.
    assert sum(counts) == (PROCESSES + 1) * turns


async def test_a_writer_that_is_called_off_holds_up_nobody(
    engine: ScoringEngine, database: AsyncEngine
) -> None:
    for delay in (0, 0.001, 0.002, 0.004, 0.008):
        writers = [asyncio.create_task(say(engine, "discord:1", f"{delay}-{n}")) for n in range(8)]
        await asyncio.sleep(delay)
        for writer in writers[::2]:
            writer.cancel()
        answers = await asyncio.gather(*writers, return_exceptions=True)
        assert all(answer is True for answer in answers[1::2])
        assert all(
            answer is True or isinstance(answer, asyncio.CancelledError) for answer in answers
        )
    kept = await assert_sums_are_plain(database, "discord:1")
    assert kept >= 5 * 4
    assert await asyncio.wait_for(say(engine, "discord:1", "after"), timeout=20)


async def test_a_turn_that_waits_for_an_erasure_is_not_written(
    engine: ScoringEngine, database: AsyncEngine, database_url: str
) -> None:
    """As when one process erases a person while another one has just read a message."""
    await Consents(database).agree("discord:1", version=2)
    await say(engine, "discord:1", "before", agreed_to=2)
    other = create_engine(database_url)
    async with writing(other, "discord:1") as transaction:
        late = asyncio.create_task(say(engine, "discord:1", "late", agreed_to=2))
        edited = asyncio.create_task(
            engine.replace_turn(
                face(Emotions.of({"anger": 1.0})),
                user="discord:1",
                message_id="before",
                agreed_to=2,
            )
        )
        for table in (ConversationRow, ConsentRow):
            await transaction.execute(delete(table).where(table.user_id == "discord:1"))
        await asyncio.sleep(0.2)  # both are waiting for the lock by now
        assert not late.done()
        assert not edited.done()
    for waiting in (late, edited):
        with pytest.raises(NotAgreed):
            await waiting
    assert await People(other).count_turns("discord:1") == 0
    await other.dispose()


async def test_of_a_turn_and_an_erasure_at_once_nothing_is_left(
    database: AsyncEngine, database_url: str
) -> None:
    other = create_engine(database_url)
    here = ScoringEngine(histories=Histories(database), weights=LabelWeights.load())
    consents, people = Consents(database), People(other)
    for number in range(10):
        user = f"discord:{number}"
        await consents.agree(user, version=2)
        late = asyncio.create_task(say(here, user, "late", agreed_to=2))
        await asyncio.sleep(number % 5 / 1000)
        await people.erase(user)
        await asyncio.wait([late])
        assert isinstance(late.exception(), NotAgreed | None)
        assert await people.count_turns(user) == 0
    await other.dispose()
