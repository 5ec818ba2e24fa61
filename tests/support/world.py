"""A simulated Discord around the real bot: its machinery, a real database, a real worker thread."""

import asyncio
import dataclasses
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import discord
import simcord
from sqlalchemy import event

from seollem.bot.client import SeollemBot
from seollem.bot.events import AffectionTurn, MoodChange
from seollem.bot.parts import Parts
from seollem.bot.wording.consent import NOTICE_VERSION
from stand_in_models import StandInAnalyzer, StandInTextClassifier

OF_NOBODY = ("seollem_channels", "seollem_schema", "seollem_alembic_version")


T = TypeVar("T")


def present(value: T | None) -> T:
    """A reply, a last message or a mood that has to be there."""
    assert value is not None
    return value


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
    bot: SeollemBot
    parts: Parts
    analyzer: StandInAnalyzer
    classifier: StandInTextClassifier
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
            data: bytes = await fetch(url)
            return data

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
