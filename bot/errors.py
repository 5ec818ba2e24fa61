"""What can go wrong between people and the bot; the texts are in bot/locales as ``error.<name>``.

BotError
├── PictureUnavailable   Discord did not hand over an attachment
├── NoPicture            a message or file without a picture
├── NotYours             somebody else's selfie or button
├── TurnGone             the turn was deleted or forgotten meanwhile
├── NotPermitted         an admin's command by somebody who may not
└── CannotSpeakHere      a channel where the bot itself may not do its work
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
    """Needs Manage Server or Manage Channels."""


class CannotSpeakHere(BotError):
    """The bot lacks permissions in a channel.

    Attributes:
        channel: the channel's mention.
    """

    def __init__(self, channel: str) -> None:
        super().__init__(f"the bot may not view, read or write in {channel}")
        self.channel = channel
