"""The one crossing from the event loop to the models: a worker thread behind a bounded, fair queue.

The event loop never waits for a model: ``read_selfie`` and ``read_message`` leave what is to be
read in the queue and await the answer. The worker serves users in turn, one job each, so that
somebody who posts twenty selfies does not keep the others waiting. When the queue is full, the
newest job of whoever waits with most gives way to somebody who waits with fewer; otherwise the
newcomer is told that it is busy.

Each model is loaded in the worker, at its first use or by ``warm()``. When loading one fails,
everybody who waits for it is told why, and the next job tries again: the weights may have been put
right meanwhile.
"""

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from seollem.scoring.readings import MessageReading
from seollem.vision.readings import SelfieReading

if TYPE_CHECKING:
    from seollem.scoring.text import (
        TextEmotionClassifier,  # seconds of imports; the worker's business
    )
    from seollem.vision.analyzer import SelfieAnalyzer


LONGEST_GOODBYE = 30.0  # seconds: a model that is being loaded takes less

T = TypeVar("T")
M = TypeVar("M")


class Busy(Exception):
    """Too much is waiting to be read, or the program is ending. Trying again later helps."""


class _Model(Generic[M]):
    """A model that is loaded at its first use; the worker's own."""

    def __init__(self, load: Callable[[], M]) -> None:
        self._load = load
        self.loaded: M | None = None

    def get(self) -> M:
        if self.loaded is None:
            self.loaded = self._load()
        return self.loaded


@dataclass(eq=False, slots=True)
class _Job:
    """Something to ask a model, and where the answer goes."""

    user: str
    model: _Model[Any]
    question: Callable[[Any], Any]
    answer: Future[Any] = field(default_factory=Future)


class Inference:
    """Reads selfies and messages in one worker thread, which starts with the first job.

    Args:
        load: builds the analyzer of selfies; called in the worker thread.
        load_text: builds the reader of messages, likewise.
        queue_size: jobs that may wait besides the one being read, at least 1.
    """

    def __init__(
        self,
        *,
        load: "Callable[[], SelfieAnalyzer]",
        load_text: "Callable[[], TextEmotionClassifier]",
        queue_size: int,
    ) -> None:
        self._analyzer = _Model(load)
        self._classifier = _Model(load_text)
        self._queue_size = queue_size
        self._thread: threading.Thread | None = None
        self._closed = False
        # user → that user's waiting jobs, oldest first; the first user is served next. Guarded by
        # _changed, like _closed and _thread.
        self._waiting: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._changed = threading.Condition()

    async def read_selfie(
        self, data: bytes, *, user: str, labels: Sequence[str] | None = None
    ) -> SelfieReading:
        """Read a selfie: ``data`` is the file's bytes, ``user`` whose turn it takes in the queue.

        A task that is cancelled while it waits takes its job out of the queue.

        Raises:
            Busy: the queue is full, or the program is ending.
            SelfieError: the picture gives no reading (see seollem.vision.errors).
            ModelError: the model cannot be loaded, or not asked for these labels.
        """
        return await self._ask(user, self._analyzer, lambda model: model.read(data, labels))

    async def read_message(self, words: str, *, user: str) -> MessageReading:
        """Read a message; ``user`` and cancelling as for a selfie.

        Raises:
            Busy: the queue is full, or the program is ending.
            ModelError: the model cannot be loaded.
        """
        [reading] = await self._ask(user, self._classifier, lambda model: model.read([words]))
        return reading

    async def warm(self) -> None:
        """Load the model that reads selfies, so that the first need not wait for it.

        Raises:
            Busy: the queue is full, or the program is ending.
            ModelError: the model cannot be loaded.
        """
        await self._ask("", self._analyzer, lambda _: None)

    async def close(self) -> None:
        """Finish the job being read, tell those who wait that it is over, and end the worker.

        A job that takes longer than half a minute is left to itself: it does not keep the program
        from ending.
        """
        with self._changed:
            self._closed = True
            thread, abandoned = self._thread, self._take_all()
            self._changed.notify()
        _fail(abandoned, Busy("The program is ending; try again when it is back."))
        if thread is not None:
            await asyncio.to_thread(thread.join, LONGEST_GOODBYE)

    async def _ask(self, user: str, model: _Model[M], question: Callable[[M], T]) -> T:
        job = _Job(user, model, question)
        with self._changed:
            displaced = self._admit(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="inference", daemon=True)
                self._thread.start()
            self._changed.notify()
        if displaced is not None:
            _fail([displaced], _queue_full())
        try:
            answer: T = await asyncio.wrap_future(job.answer)
            return answer
        finally:
            with self._changed:
                self._remove(job)

    # ---- The queue. Call these with _changed held.

    def _admit(self, job: _Job) -> _Job | None:
        """Queue a job and return the one that had to give way for it, if any."""
        if self._closed:
            raise Busy("The program is ending; try again when it is back.")
        displaced = None
        if sum(map(len, self._waiting.values())) >= self._queue_size:
            greediest = max(self._waiting.values(), key=len)
            if len(greediest) <= len(self._waiting.get(job.user, ())) + 1:
                raise _queue_full()
            displaced = greediest.pop()
        self._waiting.setdefault(job.user, deque()).append(job)
        return displaced

    def _remove(self, job: _Job) -> None:
        jobs = self._waiting.get(job.user, deque())
        if job in jobs:
            jobs.remove(job)
        if not jobs:
            self._waiting.pop(job.user, None)

    def _take(self) -> _Job:
        """The next job; its user goes to the end of the line."""
        user, jobs = self._waiting.popitem(last=False)
        job = jobs.popleft()
        if jobs:
            self._waiting[user] = jobs
        return job

    def _take_all(self, model: _Model[Any] | None = None) -> list[_Job]:
        """Every job, or those for one model."""
        jobs = [job for jobs in self._waiting.values() for job in jobs]
        taken = [job for job in jobs if model is None or job.model is model]
        for job in taken:
            self._remove(job)
        return taken

    # ---- The worker thread.

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    break
                job = self._take()
            if job.answer.set_running_or_notify_cancel():
                self._answer(job)
        if self._analyzer.loaded is not None:
            self._analyzer.loaded.close()

    def _answer(self, job: _Job) -> None:
        # Whatever goes wrong belongs to whoever waits for the answer; the worker lives on.
        try:
            model = job.model.get()
        except Exception as error:
            with self._changed:
                others = self._take_all(job.model)
            job.answer.set_exception(error)
            _fail(others, error)
            return
        try:
            job.answer.set_result(job.question(model))
        except Exception as error:
            job.answer.set_exception(error)


def _queue_full() -> Busy:
    return Busy("Much is waiting to be read; try again in a minute.")


def _fail(jobs: Sequence[_Job], error: Exception) -> None:
    for job in jobs:
        if job.answer.set_running_or_notify_cancel():
            job.answer.set_exception(error)
