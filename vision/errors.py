"""What can go wrong with a picture.

SelfieError
├── UnreadableImage     not a picture, truncated, or of a format that is not read
├── ImageTooLarge       more bytes, pixels or parts than the limits allow
├── NoFaceFound         nobody in it
└── AmbiguousFaces      several people of about the same size
ModelError
├── BrokenWeights       missing, truncated or altered weights
│   └── CheckpointNotFound  neither a folder nor to be had from the hub
├── MissingExtra        weights of a form that an optional part of the installation reads
├── MissingLibrary      a library of the system that finding faces takes
└── LabelError          labels that cannot be asked for: none, empty, or twice the same
"""


class SelfieError(Exception):
    """A picture that gives no reading. The message says what to do about it."""


class UnreadableImage(SelfieError):
    """The bytes are not a picture of a format that is read, or they are damaged."""


class ImageTooLarge(SelfieError):
    """More bytes, pixels or parts than the limits allow; found out before decoding."""


class NoFaceFound(SelfieError):
    """No face was found at any scale or rotation."""


class AmbiguousFaces(SelfieError):
    """Several faces, none of them clearly the largest.

    Attributes:
        count: how many faces were found.
    """

    def __init__(self, message: str, count: int) -> None:
        super().__init__(message)
        self.count = count


class ModelError(Exception):
    """A model that cannot be loaded or asked. The message says what to do about it."""


class BrokenWeights(ModelError):
    """Weights are missing, truncated, altered or of another architecture."""


class CheckpointNotFound(BrokenWeights):
    """A checkpoint is neither a folder nor to be had from the hub or its cache."""


class MissingExtra(ModelError):
    """A package is missing that only some checkpoints need."""


class MissingLibrary(ModelError):
    """OpenCV or MediaPipe does not load: most often the system lacks a library."""


class LabelError(ModelError, ValueError):
    """The labels asked for are none, empty, or contain the same one twice."""
