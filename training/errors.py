"""What can go wrong offline.

TrainingError
├── DataError           a data set that is missing, incomplete or not what it says
├── CheckpointError     a run or checkpoint that cannot be continued or read
└── DivergedError       the loss is no longer a number
"""


class TrainingError(Exception):
    """An offline step that cannot go on. The message says what to do."""


class DataError(TrainingError):
    """A data set is missing, incomplete, or not in the format it should be in."""


class CheckpointError(TrainingError):
    """A run or checkpoint cannot be read, or belongs to other settings."""


class DivergedError(TrainingError):
    """The loss became infinite or not a number."""
