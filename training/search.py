"""Random search over the settings that the original study tuned.

    python -m training search --data data/fer2013.npz --backbone vision/weights \\
        --encoder vision/weights/text --set epochs=3 --set rows=4000 --trials 20 --out runs/search
    python -m training finetune --settings runs/search/best.json --data data/fer2013.npz \\
        --backbone vision/weights --encoder vision/weights/text --out runs/best

Prints a table, and writes trials.csv, trials.png and best.json, which the second command trains
again. A search that was stopped goes on where it was when the same command is given again; with
more --trials it is extended.
"""

import argparse
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from training.config import FinetuneConfig
from training.errors import CheckpointError, DivergedError
from training.faces import FaceSet
from training.finetune import (
    add_settings,
    add_sources,
    add_threads,
    chosen_settings,
    use_threads,
)
from training.run import Run
from training.space import Drawn, apply, draw
from training.start import start
from training.state import replacing
from training.trials import Trial, table, write_trials

RESULTS_FILE = "trials.jsonl"

Start = Callable[[FinetuneConfig, Path], Run]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    add_sources(parser)
    add_threads(parser)
    parser.add_argument("--trials", type=int, default=20, help="how many in all (20)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the search")


def main(args: argparse.Namespace) -> None:
    use_threads(args)
    base = chosen_settings(args)
    begin = partial(
        start,
        faces=FaceSet.load(args.data),
        backbone=args.backbone,
        encoder=args.encoder,
        teachers=args.teacher,
    )
    trials = search(base, lambda config, out: begin(config, out=out), args.trials, args.out)
    write_trials(trials, base, args.out)
    print(table(trials))


def search(base: FinetuneConfig, begin: Start, count: int, out: Path) -> list[Trial]:
    """Train every trial that is not recorded in ``out`` yet; returns the first ``count``.

    Raises:
        CheckpointError: the record is damaged, or of another search.
    """
    trials = read_results(out / RESULTS_FILE, base)
    for number in range(len(trials), count):
        folder = out / f"trial-{number:03}"
        drawn = draw(base.seed, number)
        print(f"trial {number + 1}/{count}: {drawn}")
        trials.append(Trial(number, drawn, _train(begin(apply(drawn, base), folder))))
        write_results(trials, base, out)
        shutil.rmtree(folder)
    return trials[:count]


def _train(run: Run) -> dict[str, float]:
    try:
        run.train()
    except DivergedError as error:
        print(error)
        return {}
    return run.history[-1]


def write_results(trials: list[Trial], base: FinetuneConfig, out: Path) -> None:
    """Record the base settings and every trial, one JSON object a line."""
    lines = [base.as_dict(), *(asdict(trial) for trial in trials)]
    with replacing(out) as folder:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / RESULTS_FILE).write_text(text, "utf-8")


def read_results(path: Path, base: FinetuneConfig) -> list[Trial]:
    """The trials recorded so far; none where there is no record.

    Raises:
        CheckpointError: the record is damaged, or of another search.
    """
    if not path.is_file():
        return []
    try:
        recorded, *lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        trials = [Trial(**line) for line in lines]
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path} is damaged ({error}). Use another --out.") from error
    drawn: list[Drawn] = [draw(base.seed, number) for number in range(len(trials))]
    if recorded != json.loads(json.dumps(base.as_dict())) or drawn != [t.drawn for t in trials]:
        raise CheckpointError(f"{path} is of a search with other settings. Use another --out.")
    return trials
