"""A simulated Discord around the real bot: its machinery, a real database, a real worker thread.

Only the models at the edge are stand-ins: they know what each picture shows by its bytes and what
words say by a word in them, record what they were given, and can be held to be slow.
"""

import asyncio
import dataclasses
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import discord
import pytest
import simcord
from discord.ext import commands
from sqlalchemy import event

from seollem.bot.client import SeollemBot
from seollem.bot.events import AffectionTurn, MoodChange
from seollem.bot.inference import Inference
from seollem.bot.parts import Parts, build_parts
from seollem.bot.settings import Settings
from seollem.bot.wording.consent import NOTICE_VERSION
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE
from seollem.scoring.readings import MessageReading
from seollem.vision.errors import AmbiguousFaces, BrokenWeights, NoFaceFound, UnreadableImage
from seollem.vision.readings import Box, Emotions, FaceReading, SelfieReading

OF_NOBODY = ("seollem_channels", "seollem_schema", "seollem_alembic_version")
SHOWN = {b"happy": ("happiness", 0.86), b"sad": ("sadness", 0.72), b"hazy": ("neutral", 0.2)}
SAID = {"사랑": "아껴주는", "love": "아껴주는", "싫어": "화남/분노", "hate": "화남/분노"}

# seconds: patient with a busy machine, and shorter than the notes that delete themselves stay
SETTLE_TIMEOUT = 20.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.simcord(settle_timeout=SETTLE_TIMEOUT))


class StandIn:
    """What the analyzer would answer, by the picture's bytes."""

    def __init__(self) -> None:
        self.read_pictures: list[bytes] = []
        self.broken: BrokenWeights | None = None
        self.is_reading = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def read(self, data: bytes, labels: Sequence[str] | None = None) -> SelfieReading:
        self.read_pictures.append(data)
        self.is_reading.set()
        assert self.may_answer.wait(60)
        if self.broken is not None:
            raise self.broken
        if data == b"bug":
            raise ZeroDivisionError("a bug of ours")
        if data == b"cat":
            raise NoFaceFound("nobody")
        if data == b"crowd":
            raise AmbiguousFaces("three of a size", count=3)
        if data not in SHOWN:
            raise UnreadableImage("not a picture")
        leading, p = SHOWN[data]
        rest = (1.0 - p) / (len(FACE_EMOTIONS) - 1)
        emotions = Emotions.of((label, p if label == leading else rest) for label in FACE_EMOTIONS)
        face = FaceReading(Box(0, 0, 64, 64), 0.9, emotions, is_conclusive=p > 0.4)
        return SelfieReading((face,), 0, "stand-in-1")

    def close(self) -> None:
        pass


class TextStandIn:
    """What the reader of messages would answer, by a word of SAID in them."""

    def __init__(self) -> None:
        self.read_messages: list[str] = []
        self.loads = 0
        self.broken: BrokenWeights | None = None
        self.is_reading = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def load(self) -> "TextStandIn":
        self.loads += 1
        if self.broken is not None:
            raise self.broken
        return self

    def read(self, messages: Sequence[str]) -> tuple[MessageReading, ...]:
        self.read_messages += messages
        self.is_reading.set()
        assert self.may_answer.wait(60)
        return tuple(map(self._reading, messages))

    def _reading(self, message: str) -> MessageReading:
        if "bug" in message:
            raise ZeroDivisionError("a bug of ours")
        present = tuple({label: None for word, label in SAID.items() if word in message})
        rest = 0.02 if present else 0.1
        emotions = Emotions.of((label, 0.8 if label in present else rest) for label in KOTE)
        return MessageReading(emotions, present, bool(present), "text-stand-in-1")


@dataclasses.dataclass
class World:
    """A server with a channel where selfies are read and one where not, and two people."""

    HAPPY: ClassVar = ("happy.png", b"happy")
    SAD: ClassVar = ("sad.png", b"sad")
    HAZY: ClassVar = ("hazy.png", b"hazy")
    CAT: ClassVar = ("cat.png", b"cat")
    CROWD: ClassVar = ("crowd.png", b"crowd")
    BROKEN: ClassVar = ("broken.png", b"broken")
    BUG: ClassVar = ("bug.png", b"bug")
    NOTES: ClassVar = ("notes.txt", b"happy")

    env: simcord.Env
    bot: commands.AutoShardedBot
    parts: Parts
    analyzer: StandIn
    classifier: TextStandIn
    database: Path
    fetched: list[str] = dataclasses.field(default_factory=list)  # URLs of fetched attachments
    told: list[AffectionTurn | MoodChange] = dataclasses.field(default_factory=list)

    async def open(self) -> None:
        self.guild = self.env.create_guild()
        self.studio = self.guild.create_text_channel("selfies")
        self.lobby = self.guild.create_text_channel("lobby")
        manage = self.guild.create_role(
            "staff", permissions=discord.Permissions(manage_channels=True)
        )
        self.admin = self.guild.add_member(self.env.create_user("admin"), roles=[manage])
        self.mina = self.guild.add_member(self.env.create_user("mina"))
        self.jun = self.guild.add_member(self.env.create_user("jun"))
        await self.parts.channels.enable(str(self.guild.id), str(self.studio.id))
        self.watch(self.bot)

    def watch(self, bot: Any) -> None:
        """Record the attachments that a bot fetches and the events that it dispatches."""
        fetch = bot.http.get_from_cdn

        async def get_from_cdn(url: str) -> bytes:
            self.fetched.append(url)
            return await fetch(url)

        async def on_affection_turn(event: AffectionTurn) -> None:
            self.told.append(event)

        async def on_mood_change(event: MoodChange) -> None:
            self.told.append(event)

        bot.http.get_from_cdn = get_from_cdn
        bot.add_listener(on_affection_turn)
        bot.add_listener(on_mood_change)

    async def agree(self, *people: simcord.MemberActor) -> None:
        """Agree as people do: /privacy, then the button."""
        for person in people:
            shown = await person.slash(self.lobby, "privacy")
            assert shown.response is not None
            await person.click(shown.response, custom_id=f"seollem:privacy:agree:{NOTICE_VERSION}")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the bot run until something is so."""
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110  what it looks at has no event
                await asyncio.sleep(0.01)

    async def write_directly(
        self, person: simcord.MemberActor, words: str, *pictures: tuple[str, bytes]
    ) -> Any:
        """Send the bot words and pictures in direct messages."""
        channel = person.user.dm_channel
        attachments = self.env.backend.store_attachments(channel.id, list(pictures))
        return await person.user.send_dm(words, attachments=attachments)

    async def turns_of(self, person: simcord.MemberActor) -> int:
        return await self.parts.people.count_turns(f"discord:{person.id}")

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As when a full disk is mounted anew: no connection writes, until the end."""

        def pragma(value: int) -> Callable[..., None]:
            def set_pragma(connection: Any, *_: Any) -> None:
                connection.cursor().execute(f"PRAGMA query_only={value}")

            return set_pragma

        pool, refuse, allow = self.parts.database.sync_engine.pool, pragma(1), pragma(0)
        event.listen(pool, "checkout", refuse)
        try:
            yield
        finally:
            event.remove(pool, "checkout", refuse)
            event.listen(pool, "checkout", allow)

    def rows(self) -> int:
        """Rows in all tables that hold something of people."""
        with sqlite3.connect(self.database) as connection:
            tables = [
                name
                for (name,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type='table'"
                )
                if name.startswith("seollem_") and name not in OF_NOBODY
            ]
            assert len(tables) >= 3
            return sum(
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in tables
            )

    @staticmethod
    def words(message: Any) -> str:
        """All the words of a message: its content and its embeds."""
        said = [message.content]
        for embed in message.embeds:
            said += [embed.title, embed.description, embed.footer.text]
            said += [part for field in embed.fields for part in (field.name, field.value)]
        return "\n".join(part for part in said if part)

    @staticmethod
    def labels(message: Any) -> list[str]:
        """The labels of a message's buttons."""
        rows = [row if isinstance(row, dict) else row.to_dict() for row in message.components]
        return [button["label"] for row in rows for button in row["components"]]

    def moods(self) -> list[MoodChange]:
        return [event for event in self.told if isinstance(event, MoodChange)]


@pytest.fixture
def analyzer() -> StandIn:
    return StandIn()


@pytest.fixture
def classifier() -> TextStandIn:
    return TextStandIn()


@pytest.fixture
async def parts(tmp_path: Path, analyzer: StandIn, classifier: TextStandIn) -> AsyncIterator[Parts]:
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'seollem.db'}")
    built = await build_parts(settings)
    inference = Inference(load=lambda: analyzer, load_text=classifier.load, queue_size=2)
    parts = dataclasses.replace(built, inference=inference)
    yield parts
    analyzer.may_answer.set()
    classifier.may_answer.set()
    await parts.close()


@pytest.fixture
def simcord_bot(parts: Parts) -> SeollemBot:
    return SeollemBot(parts=parts, shard_count=1)


@pytest.fixture
async def world(
    simcord_env: simcord.Env,
    simcord_bot: SeollemBot,
    parts: Parts,
    analyzer: StandIn,
    classifier: TextStandIn,
    tmp_path: Path,
) -> AsyncIterator[World]:
    database = tmp_path / "seollem.db"
    world = World(simcord_env, simcord_bot, parts, analyzer, classifier, database)
    await world.open()
    yield world
    analyzer.may_answer.set()
    classifier.may_answer.set()


@pytest.fixture
def in_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's Discord speaks Korean; the simulation's own are all American."""
    original = simcord.interactions.base_payload

    def base_payload(*args: Any, **kwargs: Any) -> Any:
        record, payload = original(*args, **kwargs)
        return record, payload | {"locale": "ko"}

    monkeypatch.setattr(simcord.interactions, "base_payload", base_payload)
