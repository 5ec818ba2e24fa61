"""Messages as people type them: an augmentation for chat in Korean and English.

    rng = random.Random(0)
    as_typed("정말 안 돼요!", rng)        # e.g. "정말안되요"

What is changed never changes what is felt: laughter that is there grows or shrinks, none is added.
"""

import random
import re
from collections.abc import Collection, Mapping

_LAUGHTER = re.compile(r"([ㅋㅎㅠㅜ])\1+")
_LONGEST_LAUGHTER = 12

_MISSPELT = (  # both ways round
    ("돼", "되"), ("왜", "웨"), ("않", "안"), ("낳", "낫"), ("어떡해", "어떻해"),
    ("예요", "에요"), ("게", "께"), ("데", "대"), ("있", "잇"), ("었", "엇"), ("했", "햇"),
    ("같", "갇"), ("너무", "넘"), ("정말", "증말"), ("진짜", "찐짜"), ("뭐", "머"), ("네", "내"),
)  # fmt: skip
_SLANG = {
    "너무": ("겁나", "개", "존나", "핵"), "정말": ("레알", "ㄹㅇ", "진심"),
    "진짜": ("ㄹㅇ", "찐", "레알"),
    "감사합니다": ("ㄱㅅ", "감사염", "땡큐"), "고마워": ("ㄱㅅ", "땡큐"), "인정": ("ㅇㅈ",),
    "축하": ("ㅊㅋ",), "싫어": ("시러", "극혐"), "좋아": ("조아", "쪼아"), "미안": ("ㅁㅇ", "먄"),
    "you": ("u", "ya"), "are": ("r",), "please": ("pls", "plz"), "because": ("cuz",),
    "really": ("rly", "rlly"), "thanks": ("thx", "ty"), "love": ("luv",), "great": ("gr8",),
}  # fmt: skip

# KOTE label → emoji that people put after it; labels without one that is theirs are left out
EMOJI: Mapping[str, tuple[str, ...]] = {
    "기쁨": ("😊", "😄", "😁"), "행복": ("🥰", "😊", "☺️"), "즐거움/신남": ("😆", "🎉", "🤣"),
    "아껴주는": ("❤️", "🥰", "💕"), "환영/호의": ("🤗", "💖"), "흐뭇함(귀여움/예쁨)": ("😍", "🥰"),
    "고마움": ("🙏", "🥹"), "존경": ("👏", "👍"), "감동/감탄": ("🥹", "😍", "👏"),
    "슬픔": ("😢", "😭"), "서러움": ("😭", "🥺"), "안타까움/실망": ("😔", "😞"),
    "절망": ("😩", "😭"),
    "화남/분노": ("😡", "🤬"), "짜증": ("😤", "😠"), "증오/혐오": ("🤬", "🖕"),
    "역겨움/징그러움": ("🤮", "🤢"), "공포/무서움": ("😱", "😨"), "불안/걱정": ("😰", "😟"),
    "놀람": ("😮", "😲"), "경악": ("😱", "🤯"), "당황/난처": ("😅", "😳"), "어이없음": ("🙄", "🤦"),
    "한심함": ("🤦", "🙄"), "힘듦/지침": ("😫", "😩"), "의심/불신": ("🤨", "🤔"),
    "귀찮음": ("😑", "😪"),
}  # fmt: skip


def as_typed(text: str, rng: random.Random, labels: Collection[str] = ()) -> str:
    """The text with a few habits of chat, drawn by ``rng``; ``labels`` may add one emoji."""
    if rng.random() < 0.5:
        text = _LAUGHTER.sub(lambda m: m[1] * rng.randint(1, _LONGEST_LAUGHTER), text)
    if rng.random() < 0.2:
        text = _slang(text, rng)
    if rng.random() < 0.2:
        text = _misspelt(text, rng)
    if rng.random() < 0.1:
        text = _slipped(text, rng)
    if rng.random() < 0.2:
        text = text.rstrip(".!~?…, ")
    if rng.random() < 0.1:
        text = text.lower()
    if rng.random() < 0.15:
        text = _without_spaces(text, rng)
    felt = [label for label in labels if label in EMOJI]
    if felt and rng.random() < 0.15:
        text = f"{text} {rng.choice(EMOJI[rng.choice(felt)]) * rng.randint(1, 3)}"
    return text


def _slang(text: str, rng: random.Random) -> str:
    for word, short in _SLANG.items():
        if word in text and rng.random() < 0.5:
            text = re.sub(rf"(?<![a-z]){word}(?![a-z])", rng.choice(short), text)
    return text


def _misspelt(text: str, rng: random.Random) -> str:
    for right, wrong in _MISSPELT:
        if rng.random() < 0.5:
            text = text.replace(right, wrong) if right in text else text.replace(wrong, right)
    return text


def _slipped(text: str, rng: random.Random) -> str:
    """Two neighbouring characters change places, or one is typed twice."""
    if len(text) < 4:
        return text
    at = rng.randrange(len(text) - 1)
    if rng.random() < 0.5:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at] + text[at:]


def _without_spaces(text: str, rng: random.Random) -> str:
    """Hangul runs together, wholly or here and there; English never does."""
    share = rng.choice((0.3, 1.0))
    return re.sub(r"(?<=[가-힣]) (?=[가-힣])", lambda m: "" if rng.random() < share else m[0], text)
