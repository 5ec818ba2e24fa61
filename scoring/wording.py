"""The words of a message, made ready to be read. Pure functions of text."""

import re
import unicodedata

MAX_CHARACTERS = 1_000  # more than a text tower takes; what comes after is not read

_LAUGHTER = re.compile(
    r"[ㅋㅎ]{2,}|(?<!\w)(?:a?(?:ha){2,}h?|l(?:ol)+|lmf?ao|rofl|jk|j/k)(?!\w)|[ㅋㅎ](?=\s|$)|[😂🤣😆😹]+",
    re.IGNORECASE,
)
# Letters that look like Latin ones, which some people mix in.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕӏԁԛԝһАВЕКМНОРСТУХІЈЅΑΒΕΗΙΚΜΝΟΡΤΥΧΖαινορυ",
    "aeopcyxijsldqwhABEKMHOPCTYXIJSABEHIKMNOPTYXZaivopu",
)
_MIXED = re.compile(r"[^\W\d_]*[A-Za-z][^\W\d_]*")  # a word with a Latin letter in it
_NOT_JAMO = re.compile("[^\u3130-\u318f]+")  # NFKC would take ㅋ and ㅠ apart
_JOINER_IN_WORD = re.compile("(?<=\\w)\u200d(?=\\w)")
_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)
_SPACE = re.compile(r"\s+")
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # Hangul's fillers, and Braille's
_READ_SCRIPTS = ("HANGUL", "LATIN")


def tidy(message: str) -> str:
    """One line of at most 1,000 characters, as plain as it can be written.

    - Full-width, mathematical and other variant letters become ordinary ones, and syllables are
      composed (NFKC). Single jamo stay as they are.
    - Cyrillic and Greek letters within a Latin word become the Latin ones that they look like.
    - Lone surrogates, control, direction and zero-width characters and fillers are dropped.
    - A character repeated more than three times is written three times.
    """
    text = message[: 4 * MAX_CHARACTERS].encode("utf-8", "ignore").decode("utf-8")
    text = "".join(character for character in text if not _is_unseen(character))
    text = _NOT_JAMO.sub(lambda part: unicodedata.normalize("NFKC", part[0]), text)
    text = _JOINER_IN_WORD.sub("", text)
    text = _MIXED.sub(lambda word: word[0].translate(_LOOKALIKES), text)
    text = _RUN.sub(lambda run: run[1] * 3, _SPACE.sub(" ", text))
    return text.strip()[:MAX_CHARACTERS]


def is_readable(text: str) -> bool:
    """Whether a tidy text holds anything to read: words in Hangul or Latin letters, or symbols.

    Most of its letters have to be of those scripts; a text of symbols alone (emoji, ":)") counts
    where one of them is no mere punctuation.
    """
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return any(unicodedata.category(character) in {"So", "Sm", "Sk"} for character in text)
    known = sum(unicodedata.name(letter, "").startswith(_READ_SCRIPTS) for letter in letters)
    return 2 * known >= len(letters)


def without_laughter(text: str) -> str | None:
    """The text without ㅋㅋ, haha and 😂; None where nobody laughs, or nothing else is said."""
    rest = _LAUGHTER.sub(" ", text)
    if rest == text or not any(character.isalpha() for character in rest):
        return None
    return _SPACE.sub(" ", rest).strip()


def _is_unseen(character: str) -> bool:
    category = unicodedata.category(character)
    if character in "\u200d\ufe0f":  # they hold an emoji together
        return False
    is_blank = category in {"Cc", "Cf", "Cn", "Co", "Cs"} and not character.isspace()
    return is_blank or character in _BLANKS
