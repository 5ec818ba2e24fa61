"""Random search over the settings that the original study tuned.

    seollem train search --data data/fer2013.npz --backbone vision/weights \\
        --encoder vision/weights/text --set epochs=3 --set rows=4000 --trials 20 --out runs/search
    seollem train finetune --settings runs/search/best.json --data data/fer2013.npz \\
        --backbone vision/weights --encoder vision/weights/text --out runs/best

Prints a table, and writes trials.csv, trials.png and best.json, which the second command trains
again. A search that was stopped goes on where it was when the same command is given again; with
more --trials it is extended. With other settings, data or towers it needs another --out.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from seollem.cli.commands import PATH, Command
from seollem.training.data.faces import FaceSet
from seollem.training.errors import CheckpointError, DivergedError
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.finetune.options import (
    Sources,
    with_settings,
    with_sources,
)
from seollem.training.finetune.run import FaceRun, open_run
from seollem.training.runs.folder import replacing
from seollem.training.runs.threads import threads_option
from seollem.training.search.record import begin, record_of
from seollem.training.search.space import Drawn, apply, draw
from seollem.training.search.trials import Trial, check_count, table, write_trials

RESULTS_FILE = "trials.jsonl"

OpenRun = Callable[[FinetuneConfig, Path], FaceRun]


@click.command(cls=Command, help=__doc__)
@with_settings
@with_sources
@threads_option
@click.option("--trials", "count", type=int, default=20, show_default=True, help="how many in all")
@click.option("--out", type=PATH, required=True, help="folder of the search")
def main(config: FinetuneConfig, sources: Sources, count: int, out: Path) -> None:
    check_count(count)
    faces = FaceSet.load(sources.data)
    begin(record_of("search", sources, config, faces), out)
    begin_trial = partial(
        open_run,
        faces=faces,
        backbone=sources.backbone,
        encoder=sources.encoder,
        teachers=sources.teachers,
    )
    trials = search(config, lambda drawn, folder: begin_trial(drawn, out=folder), count, out)
    write_trials(trials, config, out)
    print(table(trials))


def search(base: FinetuneConfig, open_trial: OpenRun, count: int, out: Path) -> list[Trial]:
    """Train every trial that ``out`` has no result of yet; returns the first ``count``.

    Raises:
        CheckpointError: the results are damaged, or drawn otherwise.
    """
    trials = read_results(out / RESULTS_FILE, base.seed)
    for number in range(len(trials), count):
        folder = out / f"trial-{number:03}"
        drawn = draw(base.seed, number)
        print(f"trial {number + 1}/{count}: {drawn}")
        trials.append(Trial(number, drawn, _train(open_trial(apply(drawn, base), folder))))
        write_results(trials, out)
        shutil.rmtree(folder)
    return trials[:count]


def _train(run: FaceRun) -> dict[str, float]:
    try:
        run.train()
    except DivergedError as error:
        print(error)
        return {}
    return run.history[-1]


def write_results(trials: list[Trial], out: Path) -> None:
    """Write every trial so far, one JSON object a line."""
    with replacing(out) as folder:
        text = "".join(json.dumps(asdict(trial)) + "\n" for trial in trials)
        (folder / RESULTS_FILE).write_text(text, "utf-8")


def read_results(path: Path, seed: int) -> list[Trial]:
    """The trials so far; none where there is no file.

    Raises:
        CheckpointError: it is damaged, or its trials are not what the seed draws.
    """
    if not path.is_file():
        return []
    try:
        lines = path.read_text("utf-8").splitlines()
        trials = [Trial(**json.loads(line)) for line in lines]
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path} is damaged ({error}). Use another --out.") from error
    drawn: list[Drawn] = [draw(seed, number) for number in range(len(trials))]
    if drawn != [trial.drawn for trial in trials]:
        raise CheckpointError(f"{path} is of a search in another space. Use another --out.")
    return trials
