"""The colours of emotions in a chart: one for each family of feeling."""

_OTHER = "#9a93a8"
_FAMILIES = {  # distinguishable with the common colour blindnesses, on the charts' dark card
    "#c9c3d4": ("neutral", "없음"),
    "#ffd166": ("happiness", "기쁨", "행복", "즐거움/신남", "뿌듯함", "편안/쾌적", "안심/신뢰"),
    "#ff9ec4": (
        "아껴주는", "환영/호의", "흐뭇함(귀여움/예쁨)", "고마움", "존경", "감동/감탄",
        "불쌍함/연민",
    ),
    "#4cc9f0": ("surprise", "놀람", "신기함/관심", "깨달음", "기대감", "비장함"),
    "#5b8def": (
        "sadness", "슬픔", "서러움", "절망", "안타까움/실망", "힘듦/지침", "죄책감",
        "패배/자기혐오",
    ),
    "#f0564a": ("anger", "화남/분노", "증오/혐오", "짜증", "불평/불만", "지긋지긋"),
    "#7bb661": ("disgust", "역겨움/징그러움"),
    "#b588f7": ("fear", "공포/무서움", "불안/걱정", "당황/난처", "경악", "부끄러움"),
    "#d98c4a": ("contempt", "우쭐댐/무시함", "한심함", "어이없음", "의심/불신"),
}  # fmt: skip
_COLOURS = {label: colour for colour, labels in _FAMILIES.items() for label in labels}


def colour_of(label: str) -> str:
    """The colour of an emotion's family, ``#rrggbb``; grey for weariness and for unknown labels."""
    return _COLOURS.get(label, _OTHER)
