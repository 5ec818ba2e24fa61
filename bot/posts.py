"""Which posts may become a turn, by what Discord tells of them."""

import discord

from bot.words import words_of

_SUFFIXES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif")


def is_picture(attachment: discord.Attachment) -> bool:
    """Whether an attachment is a picture by Discord's content type; without one, by its name."""
    if attachment.content_type is not None:
        return attachment.content_type.startswith("image/")
    return attachment.filename.lower().endswith(_SUFFIXES)


def has_picture(message: discord.Message) -> bool:
    """Whether a picture is attached to a message."""
    return any(is_picture(attachment) for attachment in message.attachments)


def may_become_a_turn(message: discord.Message) -> bool:
    """Whether to look further at a posted message. Nothing is asked or fetched to answer this.

    - somebody wrote it: no bot, no webhook, no notice of Discord's own
    - a picture is attached to it, or it has words that are read (see ``bot.words``)
    - it was posted in a server or directly, not in a group of people

    Then, in this order: a server's channel must be enabled by an admin (a thread counts as its
    channel), and the author must have agreed. Only after that is a byte of a picture fetched, or a
    word shown to a model.
    """
    return (
        not message.author.bot
        and message.webhook_id is None
        and message.type in (discord.MessageType.default, discord.MessageType.reply)
        and not isinstance(message.channel, discord.GroupChannel)
        and (has_picture(message) or words_of(message.content) is not None)
    )
