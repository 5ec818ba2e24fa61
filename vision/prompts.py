"""Emotion labels → the sentences that the text tower reads them in.

A label is a word or several in one ("불평/불만", "부담/안_내킴"), in Korean or English, noun or
adjective, known or new. The labels that the model was trained on are also known by other words,
so that they mean the emotion and not its spelling.
"""

import re

KOREAN_TEMPLATES = ("{}", "표정: {}", "얼굴에 드러난 감정: {}", "지금 느끼는 감정은 {}")
ENGLISH_TEMPLATES = ("{}", "facial expression: {}", "emotion on the face: {}", "feeling {} now")
TEMPLATES = KOREAN_TEMPLATES + ENGLISH_TEMPLATES

# Words that stand for a trained label. Synonyms that evaluation asks with are left out on purpose.
TRAINED_WORDS: dict[str, tuple[str, ...]] = {
    "neutral": ("neutral", "calm", "no emotion", "무표정", "중립", "차분함"),
    "happiness": ("happiness", "happy", "smiling", "행복", "기쁨", "웃음"),
    "surprise": ("surprise", "surprised", "amazed", "놀람", "깜짝 놀람", "놀라움"),
    "sadness": ("sadness", "sad", "crying", "슬픔", "우울", "울음"),
    "anger": ("anger", "angry", "mad", "분노", "화남", "화"),
    "disgust": ("disgust", "disgusted", "repulsed", "혐오", "역겨움", "징그러움"),
    "fear": ("fear", "afraid", "scared", "두려움", "공포", "무서움"),
    "contempt": ("contempt", "sneering", "looking down on someone", "경멸", "무시", "멸시"),
}

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


def words_of(label: str) -> tuple[str, ...]:
    """The words a label stands for: its trained ones, or the parts of its own name."""
    if label in TRAINED_WORDS:
        return TRAINED_WORDS[label]
    parts = (part.replace("_", " ").strip() for part in re.split(r"[/()]", label))
    return tuple(part for part in parts if part) or (label,)


def templates_of(word: str) -> tuple[int, ...]:
    """Indices into TEMPLATES of those in the word's language (Hangul makes it Korean)."""
    start = len(KOREAN_TEMPLATES)
    return tuple(range(start)) if _HANGUL.search(word) else tuple(range(start, len(TEMPLATES)))


def prompts_of(word: str) -> tuple[tuple[int, str], ...]:
    """(template index, sentence) for every template in the word's language."""
    return tuple((i, TEMPLATES[i].format(word)) for i in templates_of(word))
