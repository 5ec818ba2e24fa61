"""Checks of settings' values, for the ``__post_init__`` of settings classes."""

import math

from seollem.training.errors import SettingsError

GREATEST_SEED = 2**32 - 1  # NumPy's; times the steps of a run it is one of torch's, too


def at_least(settings: object, least: float, *names: str) -> None:
    """Raises SettingsError where one of the settings is less, or no finite number."""
    for name in names:
        value = getattr(settings, name)
        if not least <= value < math.inf:
            raise SettingsError(f"{name} is {value}, not a number of {least} or more.")


def between(settings: object, least: float, greatest: float, *names: str) -> None:
    """Raises SettingsError where one of the settings is less or greater, or no number."""
    for name in names:
        value = getattr(settings, name)
        if not least <= value <= greatest:
            raise SettingsError(f"{name} is {value}, not between {least} and {greatest}.")
