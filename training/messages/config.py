"""What a message reader's run is made of, and the presets that were measured."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from seollem.training.errors import SettingsError
from seollem.training.runs.limits import GREATEST_SEED, at_least, between

MOST_HELD_OUT = 0.9  # the rest is learned from


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: how many rows of each task, and the peak rate of the last layer (AdamW).

    Tasks: "kote", "goemotions" (English and Korean), "english" (GoEmotions in English alone),
    "nsmc", "songys", "paraphrases", "korsts"; lines of private chat in KOTE's labels, "chat" and,
    in both languages, "chat_pairs" and "sides", whose affection is known, too; texts without KOTE
    labels, with those that the reader of the stage before gives them, "taught_goemotions",
    "taught_nsmc", "taught_songys"; and sentences that stay where that reader puts them,
    "kept_kote", "kept_nsmc", "kept_goemotions", "kept_emotions".
    """

    name: str
    rows: Mapping[str, int]
    rate: float

    def __post_init__(self) -> None:
        at_least(self, 0, "rate")
        for task, count in self.rows.items():
            if count < 1:
                raise SettingsError(
                    f"The stage {self.name} has {count} rows of {task}; 1 is the least."
                )


@dataclass(frozen=True, slots=True)
class TextConfig:
    """Settings of one run; stored with it, and checked when it is continued.

    Attributes:
        stages: one after the other, each with a learning-rate cycle of its own.
        trainable: "all" of the encoder, its "last" layers, or low-rank "adapter"s.
        layer_decay: each layer's rate as a share of the next one's.
        head_rate: peak rate of the heads.
        weight_decay: of matrices; vectors and embeddings are spared.
        average: decay of the moving average of the weights, which is what is kept.
        dropout: of hidden states.
        bfloat16: run the encoder's forward pass in bfloat16 (autocast), where the device can.
        sentence_prefix: what the encoder wants before every sentence (E5: "query: ").
        kote_split: the split of KOTE that is learned from.
        held_out: share of those rows kept for thresholds and temperature.
        seed: of rows, augmentation, dropout and initial heads.
    """

    stages: tuple[Stage, ...]
    trainable: str = "all"
    layer_decay: float = 0.87
    head_rate: float = 1e-3
    weight_decay: float = 0.02
    average: float = 0.995
    dropout: float = 0.1
    bfloat16: bool = True
    sentence_prefix: str = "query: "
    kote_split: str = "val"
    held_out: float = 0.1
    seed: int = 20221101

    def __post_init__(self) -> None:
        if not self.stages:
            raise SettingsError("A run without stages learns nothing. Give one or more.")
        at_least(self, 0, "head_rate", "weight_decay")
        between(self, 0, 1, "layer_decay", "average", "dropout")
        between(self, 0, MOST_HELD_OUT, "held_out")
        between(self, 0, GREATEST_SEED, "seed")

    def as_dict(self) -> dict[str, object]:
        """JSON-ready."""
        return dataclasses.asdict(self)


_WIDE = Stage(
    "wide",
    {
        "goemotions": 22_000, "english": 22_000, "nsmc": 16_000, "songys": 11_000,
        "paraphrases": 3_000, "korsts": 5_700,
    },
    rate=2e-4,
)  # fmt: skip
_KOTE = Stage(
    "kote", {"kote": 22_500, "goemotions": 2_000, "paraphrases": 600, "korsts": 1_500}, rate=2e-4
)
_TAUGHT = Stage(
    "taught",
    {
        "kote": 5_000, "taught_goemotions": 6_000, "taught_nsmc": 3_000, "taught_songys": 2_000,
        "paraphrases": 400, "korsts": 800,
    },
    rate=1e-4,
)  # fmt: skip
_CHAT = Stage(
    "chat",
    {
        "chat": 8_000, "chat_pairs": 11_500, "kept_kote": 2_400, "kept_nsmc": 3_000,
        "kept_goemotions": 8_000, "kept_emotions": 3_000, "korsts": 320,
    },
    rate=1e-4,
)  # fmt: skip
_SIDES = Stage(
    "sides",
    {
        "sides": 18_000, "chat": 2_400, "chat_pairs": 3_200, "kote": 9_000, "goemotions": 2_000,
        "kept_nsmc": 1_000, "kept_goemotions": 6_000, "kept_emotions": 3_000, "korsts": 320,
    },
    rate=1e-4,
)  # fmt: skip
_EVEN = Stage(
    "even",
    {
        "sides": 8_000, "chat": 800, "chat_pairs": 1_000, "kote": 9_000, "kept_goemotions": 3_000,
        "kept_emotions": 1_500,
    },
    rate=5e-5,
)  # fmt: skip
_SETTLED = Stage(
    "settled",
    {"kote": 4_500, "chat": 1_600, "chat_pairs": 2_000, "kept_goemotions": 2_000},
    rate=5e-5,
)

PRESETS: dict[str, TextConfig] = {
    # The shipped message reader; its time and figures are in scoring/weights/text/README.md.
    "embedded": TextConfig(stages=(_WIDE, _KOTE, _TAUGHT)),
    # From that reader on (--reader): how people talk to each other. Its heads stay as they are.
    "chat": TextConfig(stages=(_CHAT, _SETTLED), head_rate=0.0),
    # From that reader on: on which side the same words stand.
    "sides": TextConfig(stages=(_SIDES, _EVEN), head_rate=2e-4),
    # A pass and a half over KOTE: which part of the encoder is worth training?
    "short": TextConfig(stages=(Stage("kote", {"kote": 6_750}, rate=2e-4),)),
    # KOTE alone, for encoders of other makers.
    "kote": TextConfig(stages=(Stage("kote", {"kote": 27_000}, rate=5e-5),), sentence_prefix=""),
    # A minute on two cores: does everything run?
    "smoke": TextConfig(stages=(Stage("kote", {"kote": 640, "korsts": 64}, rate=1e-4),)),
}
