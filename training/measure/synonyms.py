"""The eight face emotions in words that training never uses: what zero-shot is tested with."""

from seollem.scoring.emotions import FACE_EMOTIONS, display_name

# In the order of FACE_EMOTIONS.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "en": (
        "expressionless",
        "joyful",
        "astonished",
        "sorrowful",
        "furious",
        "revolted",
        "terrified",
        "scornful",
    ),
    "ko": (
        "무덤덤한",
        "즐거운",
        "놀란",
        "서글픈",
        "격분한",
        "역겨워하는",
        "무서워하는",
        "깔보는",
    ),
}

# The same eight by their plain names, asked for as labels of their own.
NAMES: dict[str, tuple[str, ...]] = {
    "en": FACE_EMOTIONS,
    "ko": tuple(display_name(label, "ko") for label in FACE_EMOTIONS),
}
