"""Discord and the terminal: what people see, and the only place that wires the parts together.

The package is an extension of discord.py: ``await bot.load_extension("seollem.bot")`` loads
``seollem.bot.extension``. Importing the package imports nothing else.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seollem.bot.events import HostBot

_EXTENSION = "seollem.bot.extension"


async def setup(bot: "HostBot") -> None:
    """Called by ``load_extension``: load the extension, unless the host did so already.

    Raises:
        Exception: whatever ``seollem.bot.extension.setup`` raises.
    """
    if _EXTENSION in bot.extensions:
        return
    from discord.ext.commands import ExtensionFailed

    try:
        await bot.load_extension(_EXTENSION)
    except ExtensionFailed as failed:
        raise failed.original from None  # discord.py wraps it once more


async def teardown(bot: "HostBot") -> None:
    """Called by ``unload_extension`` and when the bot closes."""
    if _EXTENSION in bot.extensions:
        await bot.unload_extension(_EXTENSION)
