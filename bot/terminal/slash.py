"""The terminal's slash commands: what may be typed, in both languages, and what it names."""

from seollem.bot.errors import TakesNothing, UnknownCommand
from seollem.bot.terminal.paths import picture_path

COMMANDS = {  # as typed after the slash → name
    "selfie": "selfie", "셀카": "selfie",
    "mood": "mood", "기분": "mood",
    "history": "history", "기록": "history",
    "why": "why", "이유": "why",
    "forget": "forget", "잊기": "forget",
    "privacy": "privacy", "개인정보": "privacy",
    "export": "export", "내보내기": "export",
    "withdraw": "withdraw", "철회": "withdraw",
    "erase": "erase", "지우기": "erase",
    "help": "help", "도움말": "help",
    "quit": "quit", "exit": "quit", "끝": "quit",
}  # fmt: skip

# /withdraw and /quit do as they say, whatever else was typed: nobody is held by a usage message.
_ALONE = frozenset({"mood", "history", "why", "privacy", "export", "help"})


def command_of(line: str) -> tuple[str, str] | None:
    """The command's name and what follows it; None for a picture's path or a message.

    Raises:
        UnknownCommand: a slash, and no such command or file.
        TakesNothing: something follows a command that is typed alone.
    """
    word, _, argument = line.strip().partition(" ")
    if not word.startswith("/"):
        return None
    name = COMMANDS.get(word[1:].lower())
    if name is not None:
        if name in _ALONE and argument:
            raise TakesNothing(word)
        return name, argument.strip()
    if picture_path(line) is not None:
        return None
    raise UnknownCommand(word)
