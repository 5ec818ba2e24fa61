"""What can go wrong between people and the bot; the texts are in bot/locales as ``error.<name>``.

BotError
├── PictureUnavailable   Discord did not hand over an attachment
├── NoPicture            a message or file without a picture
├── NotYours             somebody else's selfie or button
├── TurnGone             the turn was deleted or forgotten meanwhile
├── NotPermitted         an admin's command by somebody who may not
├── CannotSpeakHere      a channel where the bot itself may not do its work
├── NotInForums          a forum, where nothing is read
├── NotAMessage          neither a message's ID nor a link to one
├── TurnAndMessage       both were named where one is meant
├── ExportUnderWay       the same person's export is still being made
├── NothingToRead        a message that becomes no turn
└── ChatError            in the terminal only
    ├── FileMissing        no file of that name
    ├── FileUnreadable     a folder, or a file that may not be read
    ├── UnknownCommand     a slash command that there is not
    ├── TakesNothing       a slash command with something after it that it does not take
    └── ConsentNeeded      nothing is read before the person agreed
StartError               told to whoever starts the program, in one line
├── NoToken              to run on Discord takes a token
├── InvalidToken         not a bot's token, or none that Discord knows
├── MissingIntent        Discord refuses what the bot asks to be told
└── DiscordUnreachable   no connection to Discord
HostConflict             a host bot has a command or cog with the name of one of ours
"""


class BotError(Exception):
    """Something that people are told about in a sentence."""


class PictureUnavailable(BotError):
    """Discord did not hand over an attachment."""


class NoPicture(BotError):
    """There is no picture in the message, or the file is not one."""


class NotYours(BotError):
    """People are read, and shown, only their own."""


class TurnGone(BotError):
    """The turn is no longer there: it was deleted or forgotten."""


class NotPermitted(BotError):
    """Needs Manage Server, or Manage Channels in the channel that is meant."""


class CannotSpeakHere(BotError):
    """The bot lacks permissions in a channel.

    Attributes:
        channel: the channel's mention.
    """

    def __init__(self, channel: str) -> None:
        super().__init__(f"the bot may not view, read or write in {channel}")
        self.channel = channel


class NotInForums(BotError):
    """Nothing is read in forums.

    Attributes:
        channel: the forum's mention.
    """

    def __init__(self, channel: str) -> None:
        super().__init__(f"{channel} is a forum")
        self.channel = channel


class NotAMessage(BotError):
    """Neither a message's ID nor a link to one."""


class TurnAndMessage(BotError):
    """A turn and a message were named where one is meant."""


class ExportUnderWay(BotError):
    """The same person's export is still being made."""


class NothingToRead(BotError):
    """A message that becomes no turn: see ``seollem.bot.wording.words``."""


class ChatError(BotError):
    """Something that only the terminal can meet."""


class FileMissing(ChatError):
    """There is no file of that name.

    Attributes:
        path: the name as it was understood.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"no such file: {path}")
        self.path = path


class FileUnreadable(ChatError):
    """The name belongs to a folder, or to a file that may not be read.

    Attributes:
        path: the name as it was understood.
        reason: what the system said.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be read: {reason}")
        self.path = path
        self.reason = reason


class UnknownCommand(ChatError):
    """A slash command that there is not.

    Attributes:
        command: what was typed.
    """

    def __init__(self, command: str) -> None:
        super().__init__(f"there is no command {command}")
        self.command = command


class TakesNothing(ChatError):
    """A slash command that is typed alone, with something after it.

    Attributes:
        command: the command as it was typed.
    """

    def __init__(self, command: str) -> None:
        super().__init__(f"{command} takes nothing after it")
        self.command = command


class ConsentNeeded(ChatError):
    """Nothing is read before the person agreed."""


class StartError(Exception):
    """The program cannot start or go on. The message says what to do about it."""


class NoToken(StartError):
    """To run on Discord takes a token."""


class InvalidToken(StartError):
    """Not a bot's token, or none that Discord knows."""


class MissingIntent(StartError):
    """The Message Content intent is not switched on in the developer portal."""


class DiscordUnreachable(StartError):
    """No connection to Discord."""


class HostConflict(Exception):
    """A host bot has a command or cog with the name of one of ours. The message says which."""
