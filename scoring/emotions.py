"""The vocabularies of emotion, with their names in Korean and English. Pure data.

- FACE_EMOTIONS: the eight that annotators of FERPlus vote on (Barsoum et al. 2016)
- AFFECTNET: the eight of AffectNet (Mollahosseini et al. 2017), the same emotions in its order
- FER2013: the seven of FER-2013 (Goodfellow et al. 2013), in the order of its label numbers
- KOTE: the 44 labels of the Korean online that-gul emotions data set (Jeon et al. 2022)
- NEW_EMOTIONS: the 36 of KOTE that no face data set names
- AFFECTION_ANCHORS: the words whose likeness gives a label its weight
"""

FACE_EMOTIONS: tuple[str, ...] = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)

AFFECTNET: tuple[str, ...] = (
    "neutral",
    "happiness",
    "sadness",
    "surprise",
    "fear",
    "disgust",
    "anger",
    "contempt",
)

FER2013: tuple[str, ...] = (
    "anger",
    "disgust",
    "fear",
    "happiness",
    "sadness",
    "surprise",
    "neutral",
)

_FACE_KOREAN = {
    "neutral": "무표정",
    "happiness": "행복",
    "surprise": "놀람",
    "sadness": "슬픔",
    "anger": "분노",
    "disgust": "혐오",
    "fear": "두려움",
    "contempt": "경멸",
}

# label → English name, in the order of KOTE's label numbers
_KOTE_ENGLISH = {
    "불평/불만": "dissatisfaction",
    "환영/호의": "welcome and goodwill",
    "감동/감탄": "admiration",
    "지긋지긋": "being fed up",
    "고마움": "gratitude",
    "슬픔": "sadness",
    "화남/분노": "anger",
    "존경": "respect",
    "기대감": "expectation",
    "우쭐댐/무시함": "arrogance",
    "안타까움/실망": "disappointment",
    "비장함": "resolve",
    "의심/불신": "distrust",
    "뿌듯함": "pride",
    "편안/쾌적": "comfort",
    "신기함/관심": "interest and curiosity",
    "아껴주는": "fondness",
    "부끄러움": "shame",
    "공포/무서움": "fear",
    "절망": "despair",
    "한심함": "finding it pathetic",
    "역겨움/징그러움": "disgust",
    "짜증": "irritation",
    "어이없음": "disbelief",
    "없음": "no emotion",
    "패배/자기혐오": "self-hatred",
    "귀찮음": "not being bothered",
    "힘듦/지침": "exhaustion",
    "즐거움/신남": "excitement",
    "깨달음": "realization",
    "죄책감": "guilt",
    "증오/혐오": "hatred",
    "흐뭇함(귀여움/예쁨)": "being charmed",
    "당황/난처": "embarrassment",
    "경악": "shock",
    "부담/안_내킴": "reluctance",
    "서러움": "sorrow",
    "재미없음": "boredom",
    "불쌍함/연민": "compassion",
    "놀람": "surprise",
    "행복": "happiness",
    "불안/걱정": "anxiety",
    "기쁨": "joy",
    "안심/신뢰": "relief and trust",
}

KOTE: tuple[str, ...] = tuple(_KOTE_ENGLISH)

_NAMED_BY_FER2013 = {
    "기쁨",
    "행복",
    "슬픔",
    "화남/분노",
    "공포/무서움",
    "역겨움/징그러움",
    "놀람",
}
NEW_EMOTIONS: tuple[str, ...] = tuple(
    label for label in KOTE if label != "없음" and label not in _NAMED_BY_FER2013
)

AFFECTION_ANCHORS: tuple[str, ...] = ("설렘", "관심", "호감", "사랑")


def display_name(label: str, locale: str) -> str:
    """The label as people of a locale read it; ``locale`` is "ko" or "en" (or begins so).

    A label of no known vocabulary (somebody's own, asked for by name) is shown as typed.
    """
    if locale.startswith("ko"):
        return _FACE_KOREAN.get(label, label.replace("_", " "))
    return _KOTE_ENGLISH.get(label, label)
