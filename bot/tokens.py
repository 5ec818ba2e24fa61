"""What can be seen of a Discord bot's token without asking Discord."""

import base64
import binascii

PORTAL = "https://discord.com/developers/applications"
NOT_A_TOKEN = f"SEOLLEM_DISCORD_TOKEN is not a bot's token: copy it from {PORTAL} → Bot"


def bot_id(token: str) -> str | None:
    """The ID of the bot a token belongs to; None where it has not the shape of a token.

    A token is three parts between dots, the first the bot's ID in base 64.
    """
    parts = token.split(".")
    try:
        identity = base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
    except (binascii.Error, ValueError):
        return None
    return identity.decode() if len(parts) == 3 and all(parts) and identity.isdigit() else None
