"""The names under which Discord's people and places are remembered: plain strings.

Memory knows no Discord: a user is "discord:ID", a place "guild:ID", or "dm" for direct messages.
"""


def user_key(user_id: int) -> str:
    """The name of a Discord user."""
    return f"discord:{user_id}"


def user_id_of(user: str) -> int:
    """The Discord ID in a user's name."""
    return int(user.removeprefix("discord:"))


def place_key(guild_id: int | None) -> str:
    """The name of a server, or of direct messages where there is none."""
    return "dm" if guild_id is None else f"guild:{guild_id}"


def guild_id_of(place: str) -> int | None:
    """The server's Discord ID in a place's name; None for direct messages."""
    return None if place == "dm" else int(place.removeprefix("guild:"))
