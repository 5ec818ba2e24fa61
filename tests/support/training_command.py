"""``python -m training`` as a function: arguments → exit status."""

from functools import partial

from seollem.cli.door import run

main = partial(run, "seollem.training.commands:training", program="python -m training")
