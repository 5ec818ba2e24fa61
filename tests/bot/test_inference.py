"""The queue before the model: off the loop, fair, bounded, cancellable."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest

import seollem.bot.inference
from seollem.bot.inference import Busy, Inference
from seollem.scoring.text import TextEmotionClassifier
from seollem.vision.analyzer import SelfieAnalyzer
from seollem.vision.errors import BrokenWeights, NoFaceFound


class Gate:
    """An analyzer that reads only when it is let, and records what it read and where."""

    def __init__(self) -> None:
        self.read_order: list[Any] = []
        self.threads: set[str] = set()
        self.closed = False
        self.started = threading.Event()
        self.open = threading.Event()

    def read(self, data: Any, labels: Any = None) -> Any:
        self.started.set()
        assert self.open.wait(30)
        self.threads.add(threading.current_thread().name)
        self.read_order.append(data)
        if data == b"nobody":
            raise NoFaceFound("no face")
        return data, labels

    def close(self) -> None:
        self.closed = True


class Words:
    """A reader of messages behind the same gate."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def read(self, messages: Any) -> Any:
        return tuple(self.gate.read(message)[0] for message in messages)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def make(gate: Gate) -> AsyncIterator[Callable[..., Inference]]:
    made: list[Inference] = []

    def build(
        load: Callable[[], Any] | None = None,
        queue_size: int = 8,
        load_text: Callable[[], Any] | None = None,
    ) -> Inference:
        made.append(
            Inference(
                load=cast("Callable[[], SelfieAnalyzer]", load or (lambda: gate)),
                load_text=cast(
                    "Callable[[], TextEmotionClassifier]", load_text or (lambda: Words(gate))
                ),
                queue_size=queue_size,
            )
        )
        return made[-1]

    yield build
    gate.open.set()
    for inference in made:
        await inference.close()


async def queued(inference: Inference, gate: Gate, *jobs: tuple[str, bytes]) -> list[Any]:
    """Tasks that wait in the queue in this order, behind a first one that the gate holds."""
    tasks = [asyncio.create_task(inference.read_selfie(b"first", user="first"))]
    await asyncio.to_thread(gate.started.wait, 30)
    for user, data in jobs:
        tasks.append(asyncio.create_task(inference.read_selfie(data, user=user)))
        await asyncio.sleep(0)
    return tasks


async def test_a_reading_comes_from_the_worker_with_its_labels(make: Any, gate: Gate) -> None:
    gate.open.set()
    inference = make()
    assert await inference.read_selfie(b"me", user="a", labels=("joy",)) == (b"me", ("joy",))
    assert gate.threads == {"inference"}


async def test_the_event_loop_runs_on_while_a_selfie_is_read(make: Any, gate: Gate) -> None:
    [task] = await queued(make(), gate)
    before = time.perf_counter()
    for _ in range(100):
        await asyncio.sleep(0)
    assert time.perf_counter() - before < 1.0
    assert not task.done()
    gate.open.set()
    await task


async def test_users_are_served_in_turn_however_many_selfies_they_post(
    make: Any, gate: Gate
) -> None:
    jobs = [("a", b"a1"), ("a", b"a2"), ("a", b"a3"), ("b", b"b1"), ("c", b"c1"), ("b", b"b2")]
    tasks = await queued(make(), gate, *jobs)
    gate.open.set()
    await asyncio.gather(*tasks)
    assert gate.read_order == [b"first", b"a1", b"b1", b"c1", b"a2", b"b2", b"a3"]


async def test_messages_wait_in_the_same_line_as_selfies(make: Any, gate: Gate) -> None:
    inference = make(queue_size=3)
    tasks = await queued(inference, gate, ("a", b"a1"), ("b", b"b1"))
    tasks.append(asyncio.create_task(inference.read_message("words", user="c")))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await inference.read_message("too much", user="d")
    gate.open.set()
    await asyncio.gather(*tasks)
    assert gate.read_order == [b"first", b"a1", b"b1", "words"]
    assert gate.threads == {"inference"}
    assert tasks[-1].result() == "words"


async def test_each_model_is_loaded_at_its_own_first_use(make: Any, gate: Gate) -> None:
    loads: list[str] = []
    gate.open.set()

    def load() -> Gate:
        loads.append("selfies")
        return gate

    def load_text() -> Words:
        loads.append("words")
        return Words(gate)

    inference = make(load, load_text=load_text)
    await inference.warm()
    assert loads == ["selfies"]
    for _ in range(2):
        await inference.read_message("me", user="a")
    assert loads == ["selfies", "words"]


async def test_a_reader_of_messages_that_cannot_be_loaded_leaves_selfies_alone(
    make: Any, gate: Gate
) -> None:
    def load_text() -> Any:
        raise BrokenWeights("truncated")

    inference = make(load_text=load_text)
    first, selfie = await queued(inference, gate, ("b", b"b1"))
    words = [asyncio.create_task(inference.read_message("me", user=user)) for user in "ac"]
    await asyncio.sleep(0)
    gate.open.set()
    outcomes = await asyncio.gather(first, selfie, *words, return_exceptions=True)
    assert outcomes[1] == (b"b1", None)
    assert [type(outcome) for outcome in outcomes[2:]] == [BrokenWeights] * 2


async def test_a_full_queue_answers_busy_at_once(make: Any, gate: Gate) -> None:
    inference = make(queue_size=2)
    tasks = await queued(inference, gate, ("a", b"a1"), ("b", b"b1"))
    with pytest.raises(Busy):
        await inference.read_selfie(b"c1", user="c")
    gate.open.set()
    await asyncio.gather(*tasks)


async def test_in_a_full_queue_whoever_waits_with_most_gives_way(make: Any, gate: Gate) -> None:
    inference = make(queue_size=3)
    jobs = [("greedy", b"1"), ("greedy", b"2"), ("greedy", b"3")]
    tasks = await queued(inference, gate, *jobs)
    newcomer = asyncio.create_task(inference.read_selfie(b"new", user="new"))
    with pytest.raises(Busy):
        await tasks[3]
    gate.open.set()
    await asyncio.gather(*tasks[:3], newcomer)
    assert gate.read_order == [b"first", b"1", b"new", b"2"]


async def test_who_is_cancelled_while_waiting_leaves_the_queue(make: Any, gate: Gate) -> None:
    inference = make(queue_size=1)
    first, waiting = await queued(inference, gate, ("a", b"a1"))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    in_its_place = asyncio.create_task(inference.read_selfie(b"b1", user="b"))
    await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(first, in_its_place)
    assert gate.read_order == [b"first", b"b1"]


async def test_who_is_cancelled_while_being_read_harms_nobody(make: Any, gate: Gate) -> None:
    inference = make()
    first, second = await queued(inference, gate, ("a", b"a1"))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.open.set()
    assert await second == (b"a1", None)


async def test_an_error_reaches_whoever_asked_and_the_worker_lives_on(
    make: Any, gate: Gate
) -> None:
    gate.open.set()
    inference = make()
    with pytest.raises(NoFaceFound):
        await inference.read_selfie(b"nobody", user="a")
    assert await inference.read_selfie(b"me", user="a") == (b"me", None)


async def test_the_model_is_loaded_once_at_the_first_use(make: Any, gate: Gate) -> None:
    loads: list[str] = []

    def load() -> Gate:
        loads.append(threading.current_thread().name)
        return gate

    gate.open.set()
    inference = make(load)
    assert loads == []
    await inference.warm()
    await inference.read_selfie(b"me", user="a")
    await inference.warm()
    assert loads == ["inference"]


async def test_a_model_that_cannot_be_loaded_is_told_to_all_who_wait_and_tried_again(
    make: Any, gate: Gate
) -> None:
    attempts: list[int] = []
    failing = threading.Event()

    def load() -> Gate:
        attempts.append(1)
        if len(attempts) == 1:
            assert failing.wait(30)
            raise BrokenWeights("truncated")
        return gate

    gate.open.set()
    inference = make(load)
    tasks = [asyncio.create_task(inference.read_selfie(b"x", user=u)) for u in "abc"]
    await asyncio.sleep(0.05)
    failing.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [BrokenWeights] * 3
    assert await inference.read_selfie(b"me", user="a") == (b"me", None)
    assert len(attempts) == 2


async def test_closing_finishes_what_is_being_read_and_ends_the_worker(
    make: Any, gate: Gate
) -> None:
    inference = make()
    first, waiting = await queued(inference, gate, ("a", b"a1"))
    closing = asyncio.create_task(inference.close())
    with pytest.raises(Busy):
        await waiting
    gate.open.set()
    await closing
    assert await first == (b"first", None)
    assert gate.closed
    assert not any(thread.name == "inference" for thread in threading.enumerate())
    with pytest.raises(Busy):
        await inference.read_selfie(b"late", user="a")


async def test_closing_does_not_wait_for_ever_for_what_is_being_read(
    make: Any, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seollem.bot.inference, "LONGEST_GOODBYE", 0.05)
    inference = make()
    [reading] = await queued(inference, gate)
    async with asyncio.timeout(5):
        await inference.close()
    assert not reading.done()
    gate.open.set()
    assert await reading == (b"first", None)


async def test_closing_before_any_use_needs_no_worker(make: Any) -> None:
    await make().close()
