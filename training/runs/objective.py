"""What a training loop needs to know of what it trains."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from torch import Tensor, nn

if TYPE_CHECKING:
    from seollem.training.runs.loop import Run

Batch = TypeVar("Batch")


class Settings(Protocol):
    """The settings that every run has.

    Attributes:
        average: decay of the moving average of the weights.
        seed: of every step's random numbers.
    """

    @property
    def average(self) -> float: ...

    @property
    def seed(self) -> int: ...

    def as_dict(self) -> dict[str, object]:
        """All settings, JSON-ready."""


@dataclass(frozen=True, slots=True)
class Stage(Generic[Batch]):
    """A part of a run that has its own optimizer.

    Attributes:
        name: in the progress bar.
        steps: number of steps.
        interval: steps from one save to the next.
        rate: peak learning rate, for the log.
        schedule: step → learning rate as a share of the peak.
        batches: (first, last) → batches first … last - 1; the same ones at every call.
    """

    name: str
    steps: int
    interval: int
    rate: float
    schedule: Callable[[int], float]
    batches: Callable[[int, int], Iterable[Batch]]


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a batch that one process passes at once: rows index, index + count, …"""

    index: int
    count: int


class Objective(ABC, Generic[Batch]):
    """A module with its data, its loss and its figures.

    Attributes:
        config: the settings.
        data: checksum of the rows; a run is only continued with the same.
        max_norm: gradients are clipped to this norm.
    """

    config: Settings
    data: int
    max_norm: float

    @property
    def settings(self) -> dict[str, Any]:
        """What settings.json records, JSON-ready; a run is only continued with the same."""
        return self.config.as_dict()

    @property
    def accumulate(self) -> int:
        """Number of parts that each process splits a batch into."""
        return 1

    @property
    @abstractmethod
    def module(self) -> nn.Module:
        """What is trained, averaged and stored."""

    @property
    @abstractmethod
    def stages(self) -> int:
        """Number of stages."""

    @abstractmethod
    def stage(self, number: int, /) -> Stage[Batch]:
        """Plan a stage; called when the stages before it are trained."""

    @abstractmethod
    def parameter_groups(self, stage: int, /) -> Iterable[dict[str, Any]]:
        """AdamW's groups of a stage, each with its ``peak`` learning rate."""

    @abstractmethod
    def begin(self, run: "Run[Any]", /) -> None:
        """Prepare the module for training; called after every save."""

    @abstractmethod
    def loss(self, learner: nn.Module, batch: Batch, part: Part, seed: int, /) -> Tensor:
        """The part's share of the batch's mean loss: a scalar with gradients.

        Args:
            learner: the module as Accelerate wraps it.
            seed: of augmentation; torch's own generator is already seeded.
        """

    @abstractmethod
    def close(
        self, run: "Run[Any]", losses: Sequence[tuple[Batch, float]], folder: Path, /
    ) -> dict[str, Any]:
        """Figures since the last save, JSON-ready; writes the trained weights into ``folder``.

        The module holds the averaged weights during the call.

        Args:
            losses: every batch since the last save, with its loss.
        """
