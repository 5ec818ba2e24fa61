"""What can go wrong in the arithmetic of affection.

ScoringError
├── NotAgreed       the person does not agree, or no longer
├── UnknownLabel    an emotion that the label weights do not have
├── UnknownWords    words that a text encoder does not know
└── WeightsError    the table of label weights is missing or damaged
"""


class ScoringError(Exception):
    """A reading that cannot be scored. The message says what to do about it."""


class NotAgreed(ScoringError):
    """Nothing was written: the person does not agree to the notice, or no longer."""


class UnknownLabel(ScoringError, ValueError):
    """An emotion without an affection weight.

    Attributes:
        label: the emotion's name as it was read.
    """

    def __init__(self, message: str, label: str) -> None:
        super().__init__(message)
        self.label = label


class UnknownWords(ScoringError, ValueError):
    """Words of which a text encoder's vocabulary has less than half.

    Attributes:
        sentence: the words.
    """

    def __init__(self, message: str, sentence: str) -> None:
        super().__init__(message)
        self.sentence = sentence


class WeightsError(ScoringError):
    """The table of label weights is missing, unreadable, or holds numbers outside [-1, 1]."""
