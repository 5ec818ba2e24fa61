"""What can go wrong offline.

TrainingError
├── DataError           a data set that is missing, incomplete or not what it says
│   ├── NoSpace         the disk cannot take it
│   └── DownloadError   Kaggle does not hand it out
│       ├── NoCredentials     there are none, or they are refused
│       ├── TermsNotAccepted  its terms were not accepted by whoever asks
│       ├── NoSuchDataset     there is none of that name
│       └── NoConnection      Kaggle cannot be reached, or has no time
├── SettingsError       settings that do not exist, or cannot go together
├── MissingExtra        an optional part of the installation is needed
├── CheckpointError     a run or checkpoint that cannot be continued or read
├── FolderInUse         another command is writing there
├── ClusterError        the machines that should do the work do not
├── WorkersLost         nor do this machine's own processes
├── ExportError         a model that has no other form, or reads otherwise in it
└── DivergedError       the loss is no longer a number
"""


class TrainingError(Exception):
    """An offline step that cannot go on. The message says what to do."""


class DataError(TrainingError):
    """A data set is missing, incomplete, or not in the format it should be in."""


class NoSpace(DataError):
    """The disk has less room than a data set needs."""


class DownloadError(DataError):
    """A data set could not be fetched."""


class NoCredentials(DownloadError):
    """Kaggle was not told who is asking, or does not know them."""


class TermsNotAccepted(DownloadError):
    """A data set's terms have to be accepted on its page first."""


class NoSuchDataset(DownloadError):
    """No data set has that name, or it was taken away."""


class NoConnection(DownloadError):
    """Kaggle cannot be reached, or does not answer as it should."""


class SettingsError(TrainingError):
    """A setting does not exist, has an impossible value, or does not go with another one."""


class FolderInUse(TrainingError):
    """Another command is writing into the folder, and two would spoil each other's work."""


class MissingExtra(TrainingError):
    """A package is missing that only some of the commands need."""


class CheckpointError(TrainingError):
    """A run or checkpoint cannot be read, or belongs to other settings."""


class ClusterError(TrainingError):
    """A Ray cluster cannot be reached, or gave up."""


class WorkersLost(TrainingError):
    """Processes end before they have any work: it cannot be its fault."""


class ExportError(TrainingError):
    """A model cannot be written in another form, or what was written reads otherwise."""


class DivergedError(TrainingError):
    """The loss became infinite or not a number."""
