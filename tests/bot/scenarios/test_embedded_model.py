"""Nothing stood in for: portraits and words are read by the embedded models, kept, forgotten."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from checkout import PORTRAITS, ROOT
from seollem.bot.parts import Parts, build_parts
from seollem.bot.settings import Settings
from seollem.bot.wording.locales import text
from world import World, present

pytestmark = pytest.mark.slow


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=f"sqlite:///{tmp_path / 'seollem.db'}",
        threads=1,
    )
    parts = await build_parts(settings)
    await parts.inference.warm()
    yield parts
    await parts.close()


async def test_a_portrait_is_read_remembered_and_forgotten(world: World) -> None:
    await world.agree(world.mina)
    portrait = (PORTRAITS / "astronaut.jpg").read_bytes()
    posted = await world.mina.send(world.studio, attachments=[("astronaut.jpg", portrait)])

    note = present(world.studio.last_message)
    shown = await world.mina.click(note, label=text("button.reading", "en"))
    assert "happiness" in world.words(shown.followups[0])
    mood = await world.mina.slash(world.studio, "mood")
    assert present(mood.response).embeds[0].fields[1].value == "1"

    await world.mina.delete(posted)
    assert await world.turns_of(world.mina) == 0


async def test_a_picture_without_a_face_is_no_turn(world: World) -> None:
    await world.agree(world.mina)
    chart = (ROOT / "docs" / "learning_curves.png").read_bytes()
    await world.mina.send(world.studio, attachments=[("chart.png", chart)])
    assert len(world.fetched) == 1
    assert await world.turns_of(world.mina) == 0


async def test_words_and_a_portrait_are_read_by_both_models(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, "오늘 너 만나서 너무 설레고 행복했어")
    await world.mina.send(world.studio, "진짜 짜증나 꼴도 보기 싫어")
    portrait = (PORTRAITS / "astronaut.jpg").read_bytes()
    await world.mina.send(
        world.studio, "I was so happy to see you", attachments=[("astronaut.jpg", portrait)]
    )
    fond, hostile, both = await world.parts.engine.history(
        user=f"discord:{world.mina.id}", place=f"guild:{world.guild.id}"
    )
    assert fond.affection > 0 > hostile.affection
    assert both.source == "both"
    assert both.affection > 0
