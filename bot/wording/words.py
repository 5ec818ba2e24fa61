"""Which words of a message are read, and whether there are any. Pure; knows no Discord objects."""

import re
import unicodedata

from seollem.scoring.wording import tidy

# What is written around or between people's own words, in Discord's Markdown.
_LINK = r"<?\b(?:https?://|www\.|discord\.gg/)[^\s<>()]+>?"
_LEFT_OUT = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"```.*?```", re.DOTALL),  # code blocks
        (r"``.+?``|`[^`\n]+`", 0),  # code in a line
        (r"\|\|.+?\|\|", re.DOTALL),  # a spoiler, which may hold quoted lines
        (r"^ *>>> .*", re.DOTALL | re.MULTILINE),  # a quotation to the end
        (r"^ *> .*$", re.MULTILINE),  # a quoted line
        (rf"\[([^\[\]\n]*)\]\({_LINK}\)", re.IGNORECASE),  # a named link, of which the name stays
        (_LINK, re.IGNORECASE),
        (r"<a?:(\w+):\d+>", 0),  # a server's own emoji, of which the name stays
        (r"<(?:@[!&]?|#)\d+>|@(?:everyone|here)\b", 0),  # mentions
        (r"<(?:id|t|/)[^<>\n:]*:[^<>\n]+>", 0),  # times, commands, places of a server
    )
)

# A command: a sign that bots listen for, right before a word. The signs of the second kind also
# begin what people say (".아니", "-했어"), so only Latin letters after them make a command.
_COMMAND = re.compile(r"[/!$%&][^\W\d_]|[?.,+-][A-Za-z]|[A-Za-z]![A-Za-z]")

_WORD = re.compile(r"[가-힣]+|[A-Za-z]+(?:['’][A-Za-z]+)*")
_SYLLABLE, _LETTER = re.compile("[가-힣]"), re.compile("[A-Za-z]")
_FEWEST_SYLLABLES, _FEWEST_LETTERS = 2, 3

# Words that say yes, no, hm or ha and nothing more. A letter that is repeated stands once here.
_FILLER = re.compile(
    "ok|okay|okie|oki|k|y|yes|yea|yeah|yep|yup|ya|n|no|nope|nah"
    "|lol|lmao|lmfao|rofl|lul|kek|xd|hm|m|um|uh|oh|ah|eh|er|huh|hi|yo|g|brb|ty|np|idk|ic"
    "|아니|아뇨|아니요|아니오|아님|그래|그랭|오케이|오케|오키|오킹|하이"
)
_SOUNDS = re.compile(
    "[aeiou]?(?:[hjk]+[aeiou]+){2,}h*"  # haha, ahahah, jaja
    "|[응엉어웅네넵넹넴예옙음흠아오와우으에엥잉헐헉앗엇하히헤호흐후크캬푸풉껄낄킥콜굿]+"
)
_REPEATED = re.compile(r"(.)\1+")

# First letters that stand for words of feeling: 사랑해, 보고 싶어, 감사, 미안, 죄송, 꺼져, 닥쳐 …
_FIRST_LETTERS = re.compile("ㅅㄹㅎ|ㅂㄱㅅ[ㅇㄷ]|ㄱㅅ|ㅁㅇ|ㅈㅅ|ㄲㅈ|ㄷㅊ|ㅅㅂ|ㅈㄹ|ㅗ")
_HEART = re.compile("</?3")
_MOST_CHARACTERS = 16_000  # a message on Discord has 4,000 at most
_MERE_SIGNS = frozenset("😂🤣😆😹👍👌✅☑✔❌❓❗")  # laughter, yes and no


def words_of(content: str) -> str | None:
    """The words of a message that are read as a turn, or None: then it becomes none.

    Left out of the words, wherever they stand:

    - what is somebody else's: quoted lines (``> …`` and ``>>> …``)
    - what is no feeling: code blocks and code in a line, links (the name of a named link stays),
      mentions of people, roles and channels, and times
    - what was hidden on purpose: spoilers (``||…||``)

    Then a message is no turn when

    - nothing is left: only links, only mentions, only a picture
    - it is a command, for this or another bot: a slash or one of the common signs right before a
      word (``/mood``, ``!play``, ``?help``, ``.ban``, ``$daily``, ``m!p``); "...아니" and "-_-" are
      none
    - it has nothing in Hangul or Latin letters, the two that are read, and no emoji: only numbers,
      signs, single jamo (``ㅇㅇ``, ``ㅋㅋㅋ``, ``ㅠㅠ``), another script
    - it is very short: less than two syllables or three letters in words that say more than yes,
      no, hm or ha (``ok``, ``lol``, ``응``, ``하하하``, ``yesss``)

    Everything else becomes a turn: also emoji alone (but for laughter, thumbs and ticks), hearts
    (``<3``), and first letters that stand for a feeling (``ㅅㄹㅎ``, ``ㄲㅈ``). A server's own
    emoji counts as its name. Of more than 16,000 characters, the first ones are looked at.
    """
    words = unicodedata.normalize("NFC", content[:_MOST_CHARACTERS]).replace("\r\n", "\n")
    for pattern in _LEFT_OUT:
        words = pattern.sub(lambda found: _named(found[1]) if found.re.groups else " ", words)
    words = "\n".join(" ".join(line.split()) for line in words.splitlines() if line.strip())
    if _COMMAND.match(words) or not _says_something(words):
        return None
    return words


def _named(name: str) -> str:
    """The name of a link or an emoji, with spaces for what joins its words."""
    return f" {name.replace('_', ' ')} "


def _says_something(words: str) -> bool:
    words = tidy(words)  # letters of any width and style count as what they are
    if any(_is_emoji(sign) for sign in words) or _HEART.search(words):
        return True
    if any(_FIRST_LETTERS.fullmatch(part) for part in words.split()):
        return True
    said = " ".join(word for word in _WORD.findall(words) if not _is_filler(word))
    return (
        len(_SYLLABLE.findall(said)) >= _FEWEST_SYLLABLES
        or len(_LETTER.findall(said)) >= _FEWEST_LETTERS
    )


def _is_emoji(sign: str) -> bool:
    return unicodedata.category(sign) == "So" and sign not in _MERE_SIGNS


def _is_filler(word: str) -> bool:
    word = word.lower()
    once = _REPEATED.sub(r"\1", word)
    return (_FILLER.fullmatch(once) or _SOUNDS.fullmatch(word)) is not None
