"""Which posts may become a turn, by what Discord tells of them."""

import discord

from seollem.bot.wording.words import words_of

_SUFFIXES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif")


def is_picture(attachment: discord.Attachment) -> bool:
    """Whether an attachment is a picture by Discord's content type; without one, by its name."""
    if attachment.content_type is not None:
        return attachment.content_type.startswith("image/")
    return attachment.filename.lower().endswith(_SUFFIXES)


def pictures_of(message: discord.Message) -> list[discord.Attachment]:
    """The pictures of a post that are read: those that were not hidden on purpose, as spoilers."""
    return [each for each in message.attachments if is_picture(each) and not each.is_spoiler()]


def is_direct(message: discord.Message) -> bool:
    """Whether a message was sent directly; a guild that is not cached is None, too."""
    return isinstance(message.channel, discord.DMChannel)


def posted_in(message: discord.Message) -> int | None:
    """The server that a message was posted in; None for one that was sent directly."""
    return None if message.guild is None else message.guild.id


def may_become_a_turn(message: discord.Message) -> bool:
    """Whether to look further at a posted message. Nothing is asked or fetched to answer this.

    - somebody wrote it: no bot, no webhook, no notice of Discord's own
    - a picture is attached to it that is no spoiler, or it has words that are read
      (``seollem.bot.wording.words``)
    - it was posted in a server that the bot knows by now, or directly

    Then, in this order: a server's channel must be enabled by an admin (a thread counts as its
    channel), and the author must have agreed. Only after that is a byte of a picture fetched, or a
    word shown to a model.
    """
    return (
        not message.author.bot
        and message.webhook_id is None
        and message.type in (discord.MessageType.default, discord.MessageType.reply)
        and (message.guild is not None or is_direct(message))
        and (bool(pictures_of(message)) or words_of(message.content) is not None)
    )
