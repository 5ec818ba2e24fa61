"""The search of ``search`` on Ray Tune: many trials at once, the hopeless ones stopped (ASHA).

    seollem train tune --data data/fer2013.npz --backbone vision/weights \\
        --encoder vision/weights/text --trials 40 --algorithm optuna --out runs/tune
    seollem train tune --data /shared/fer2013.npz --backbone /shared/weights \\
        --encoder /shared/weights/text --out /shared/tune --address ray://localhost:10001 --gpus 1

On a cluster, --out, --backbone and --encoder must mean the same on every machine (a shared
folder). A search that was stopped goes on where it was when the same command is given again:
finished trials are kept, and unfinished ones go on from their last epoch. Ray cannot change a
search: with other settings, data, towers or --trials it needs another --out.
"""

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seollem.cli.commands import PATH, Command
from seollem.training.data.faces import FaceSet
from seollem.training.errors import CheckpointError, ClusterError, DivergedError, MissingExtra
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.finetune.options import Sources, with_settings, with_sources
from seollem.training.finetune.run import open_run
from seollem.training.search.record import absolute, begin, record_of
from seollem.training.search.space import SPACE, Choice, Drawn, apply
from seollem.training.search.trials import Trial, check_count, table, write_trials
from seollem.training.workers.cluster import connected

if TYPE_CHECKING:
    from ray.tune import ResultGrid, Tuner

ALGORITHMS = ("random", "optuna")
EXPERIMENT = "ray"  # folder of the search's, in --out
MEASURED = ("epoch", "loss", "score", "ferplus", "fer2013", "affectnet")
REDUCTION = 3  # ASHA keeps a third of the trials at every rung (Li et al. 2020)


@dataclass(frozen=True, slots=True)
class Effort:
    """How many trials, how proposed, and the cores and GPUs of each."""

    trials: int
    algorithm: str
    cpus: float
    gpus: float


@click.command(cls=Command, help=__doc__)
@with_settings
@with_sources
@click.option("--trials", type=int, default=20, show_default=True, help="how many in all")
@click.option(
    "--algorithm",
    type=click.Choice(ALGORITHMS),
    default="random",
    show_default=True,
    help="how settings are proposed: at random, or by Optuna's model of the scores",
)
@click.option("--address", help="an existing Ray cluster (default: this machine)")
@click.option("--cpus", type=float, default=1, show_default=True, help="cores a trial")
@click.option(
    "--gpus", type=float, default=0, show_default=True, help="GPUs a trial, or a share of one"
)
@click.option("--out", type=PATH, required=True, help="folder of the search")
def main(
    config: FinetuneConfig,
    sources: Sources,
    trials: int,
    algorithm: str,
    address: str | None,
    cpus: float,
    gpus: float,
    out: Path,
) -> None:
    check_count(trials)
    faces = FaceSet.load(sources.data)
    begin(record_of("tune", sources, config, faces, algorithm=algorithm, trials=trials), out)
    effort = Effort(trials, algorithm, cpus, gpus)
    with connected(address or "local"):
        found = results(tuner(effort, sources, config, faces, out).fit())
    write_trials(found, config, out)
    print(table(found))


def tuner(
    effort: Effort, sources: Sources, base: FinetuneConfig, faces: FaceSet, out: Path
) -> "Tuner":
    """A new search, or the one that ``out`` holds.

    Raises:
        CheckpointError: what ``out`` holds cannot be continued.
    """
    from ray import tune

    run = partial(
        train_trial,
        base=base,
        backbone=absolute(sources.backbone),
        encoder=absolute(sources.encoder),
        teachers=tuple(teacher.resolve() for teacher in sources.teachers),
    )
    with_faces = tune.with_parameters(run, faces=faces)
    trainable = tune.with_resources(with_faces, {"cpu": effort.cpus, "gpu": effort.gpus})
    storage = out.resolve()
    if tune.Tuner.can_restore(str(storage / EXPERIMENT)):
        try:
            return tune.Tuner.restore(str(storage / EXPERIMENT), trainable, resume_errored=True)
        except Exception as error:  # Ray raises whatever the damage makes it stumble over
            raise CheckpointError(
                f"{storage} holds a search that cannot go on ({error}). Use another --out."
            ) from error
    return tune.Tuner(
        trainable,
        param_space={name: domain(name) for name in SPACE},
        tune_config=tune.TuneConfig(
            metric="score",
            mode="max",
            num_samples=effort.trials,
            search_alg=search_algorithm(effort.algorithm, base.seed),
            scheduler=tune.schedulers.ASHAScheduler(
                time_attr="epoch", max_t=base.epochs, reduction_factor=REDUCTION
            ),
        ),
        run_config=tune.RunConfig(
            name=EXPERIMENT,
            storage_path=str(storage),
            checkpoint_config=tune.CheckpointConfig(num_to_keep=1),
        ),
    )


def search_algorithm(name: str, seed: int) -> Any:
    """Ray's search algorithm of this name, seeded.

    Raises:
        MissingExtra: Optuna is asked for and not installed.
    """
    from ray.tune.search.basic_variant import BasicVariantGenerator
    from ray.tune.search.optuna import OptunaSearch

    if name == "random":
        return BasicVariantGenerator(random_state=seed)
    try:
        return OptunaSearch(seed=seed)
    except AssertionError as error:  # what Ray makes of a missing Optuna
        raise MissingExtra("This needs Optuna: pip install 'seollem[tune]'") from error


def domain(name: str) -> Any:
    """A setting's space in Ray's terms."""
    from ray import tune

    kind = SPACE[name]
    if isinstance(kind, Choice):
        return tune.choice(list(kind.values))
    return tune.loguniform(kind.low, kind.high)


def train_trial(
    drawn: Drawn,
    *,
    faces: FaceSet,
    base: FinetuneConfig,
    backbone: str,
    encoder: str,
    teachers: tuple[Path, ...],
) -> None:
    """One trial, in a process of Ray's: reports every epoch, with the folder to go on from."""
    from ray import tune

    with tempfile.TemporaryDirectory() as folder:
        checkpoint = tune.get_checkpoint()
        if checkpoint:
            checkpoint.to_directory(folder)
        run = open_run(
            apply(drawn, base),
            faces=faces,
            backbone=backbone,
            encoder=encoder,
            teachers=teachers,
            out=Path(folder),
        )
        try:
            for figures in run.saves():
                tune.report(dict(figures), checkpoint=tune.Checkpoint.from_directory(folder))
        except DivergedError:
            tune.report({"score": 0.0, "epoch": base.epochs})


def results(grid: "ResultGrid") -> list[Trial]:
    """What Ray's trials came to; those whose loss diverged have no figures.

    Raises:
        ClusterError: every trial failed.
        KeyboardInterrupt: the search was stopped before its end, and saved.
    """
    found = [grid[number] for number in range(len(grid))]
    if grid.num_errors == len(grid):
        raise ClusterError(f"Every trial failed; the first with: {grid.errors[0]}")
    if not all(result.error or (result.metrics or {}).get("done") for result in found):
        raise KeyboardInterrupt  # Ray catches it, to save what it has
    return [
        Trial(number, result.config or {}, figures_of(result.metrics or {}))
        for number, result in enumerate(found)
    ]


def figures_of(metrics: dict[str, Any]) -> dict[str, float]:
    """Of what Ray knows of a trial, what the run measured; nothing where the loss diverged."""
    if not metrics.get("score"):
        return {}
    return {name: value for name, value in metrics.items() if name in MEASURED}
