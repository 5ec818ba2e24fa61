"""What can go wrong offline.

TrainingError
├── DataError           a data set that is missing, incomplete or not what it says
│   └── NoSpace         the disk cannot take it
├── SettingsError       settings that do not exist, or cannot go together
├── MissingExtra        an optional part of the installation is needed
├── CheckpointError     a run or checkpoint that cannot be continued or read
└── DivergedError       the loss is no longer a number
"""


class TrainingError(Exception):
    """An offline step that cannot go on. The message says what to do."""


class DataError(TrainingError):
    """A data set is missing, incomplete, or not in the format it should be in."""


class NoSpace(DataError):
    """The disk has less room than a data set needs."""


class SettingsError(TrainingError):
    """A setting does not exist, has an impossible value, or does not go with another one."""


class MissingExtra(TrainingError):
    """A package is missing that only some of the commands need."""


class CheckpointError(TrainingError):
    """A run or checkpoint cannot be read, or belongs to other settings."""


class DivergedError(TrainingError):
    """The loss became infinite or not a number."""
