"""Long exports: in several files, beside the event loop, one at a time."""

import gzip
import json
import threading
from typing import Any

import discord
import pytest
import simcord

from seollem.bot.exports import files_of
from seollem.bot.wording.locales import text
from world import World, present

EXPORT = "seollem:privacy:export"


async def test_an_export_that_is_too_long_for_one_file_comes_in_several(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seollem.bot.cogs.privacy._LARGEST_FILE", 100)
    await world.agree(world.mina)
    sent = [await world.mina.send(world.studio, attachments=[world.HAPPY]) for _ in range(3)]
    shown = await world.mina.slash(world.lobby, "privacy")
    pressed = await world.mina.click(present(shown.response), custom_id=EXPORT)
    assert [answer.content for answer in pressed.followups] == [
        text("privacy.export_part", "en", part=part, parts=3) for part in (1, 2, 3)
    ]
    assert all(answer.ephemeral for answer in pressed.followups)
    message_ids = []
    for answer in pressed.followups:
        [file] = answer.attachments
        part = json.loads(gzip.decompress(await file.read()))
        message_ids += [turn["message_id"] for turn in part["conversations"][0]["history"]]
    assert message_ids == [str(message.id) for message in sent]


def press(world: World, person: Any, shown: Any) -> Any:
    """Press the button as ``click`` does, and wait for nothing: the simulation's own click does."""
    backend = world.env.backend
    message = backend.get_message(world.lobby.id, shown.id)
    record, payload = simcord.interactions.base_payload(
        backend,
        type=discord.InteractionType.component.value,
        channel_id=world.lobby.id,
        guild_id=world.guild.id,
        user_id=person.id,
        data={"custom_id": EXPORT, "component_type": discord.ComponentType.button.value},
    )
    record.source_message_id = message.id
    source = dict(simcord.backend.serializers.message_payload(backend, message))
    backend.emit("INTERACTION_CREATE", payload | {"message": source})
    return simcord.results.InteractionResult(world.env, record)


async def test_an_export_is_made_beside_the_event_loop_and_one_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = present((await world.mina.slash(world.lobby, "privacy")).response)
    his = present((await world.jun.slash(world.lobby, "privacy")).response)
    packing: list[str] = []
    may_end = threading.Event()

    def pack(export: dict[str, Any], *, largest: int) -> list[tuple[str, bytes]]:
        packing.append(export["user"])
        assert may_end.wait(30)  # on the event loop it would wait in vain
        return files_of(export, largest=largest)

    monkeypatch.setattr("seollem.bot.cogs.privacy.files_of", pack)
    first = press(world, world.mina, hers)
    await world.until(lambda: len(packing) == 1)
    second, others = press(world, world.mina, hers), press(world, world.jun, his)
    await world.until(lambda: len(packing) == 2 and bool(second.followups))
    may_end.set()
    await world.env.settle()
    told = [pressed.followups[0].content for pressed in (first, second, others)]
    exported = text("privacy.export", "en")
    assert told == [exported, text("error.ExportUnderWay", "en"), exported]
    again = await world.mina.click(hers, custom_id=EXPORT)
    assert again.followups[0].content == exported
