"""Seollem in anybody's discord.py bot: ``await bot.load_extension("seollem.bot")``.

The name of this module, ``seollem.bot.extension``, does the same. Settings are read as for the bot
of its own: SEOLLEM_* variables and .env. The host bot needs the intents ``guilds``, ``messages``
and ``message_content`` for what is posted (commands need none), and syncs its command tree itself.
Where it has set no translator, the commands' Korean names come with ours; where one of its commands
or cogs has the name of one of ours, loading fails and changes nothing.
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from discord import app_commands

from seollem.bot.cogs.admin import Admin
from seollem.bot.cogs.mood import Moods
from seollem.bot.cogs.posts import Posts
from seollem.bot.cogs.privacy import Privacy
from seollem.bot.cogs.selfies import Selfies
from seollem.bot.errors import HostConflict
from seollem.bot.events import HostBot
from seollem.bot.parts import Parts, build_parts
from seollem.bot.posts.reader import Reader
from seollem.bot.settings import load_settings
from seollem.bot.translator import Translator

_COGS = (Privacy, Selfies, Posts, Moods, Admin)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What ``teardown`` closes, and the translator that it leaves in place."""

    parts: Parts
    hosts_translator: app_commands.Translator | None


# By bot, not by cog: discord.py may remove the cogs before it calls ``teardown``.
_loaded: WeakKeyDictionary[HostBot, _Loaded] = WeakKeyDictionary()


async def setup(bot: HostBot) -> None:
    """Called by ``load_extension``: build the parts and add the cogs.

    Raises:
        HostConflict: the bot has a command or cog with the name of one of ours.
        SettingsError, DatabaseError, WeightsError: see seollem.bot.parts and seollem.db.settings.
    """
    for cog in _COGS:
        if cog.__cog_name__ in bot.cogs:
            raise HostConflict(f"The bot has a cog named “{cog.__cog_name__}” already. Remove it.")
    parts = await build_parts(load_settings())
    _loaded[bot] = _Loaded(parts, bot.tree.translator)
    try:
        await add_cogs(bot, parts)
    except BaseException as error:
        await teardown(bot)
        if isinstance(error, app_commands.CommandAlreadyRegistered):
            raise HostConflict(
                f"The bot has a command named “{error.name}” already. Rename or remove it."
            ) from error
        raise


async def teardown(bot: HostBot) -> None:
    """Called by ``unload_extension`` and when the bot closes: take back what ``setup`` did."""
    loaded = _loaded.pop(bot, None)
    if loaded is None:
        return
    for cog in _COGS:
        await bot.remove_cog(cog.__cog_name__)
    if loaded.hosts_translator is None and isinstance(bot.tree.translator, Translator):
        await bot.tree.set_translator(None)
    await loaded.parts.close()


async def add_cogs(bot: HostBot, parts: Parts) -> None:
    """Add the cogs, which share the parts and one reader, and our translator if there is none."""
    reader = Reader(parts)
    for cog in (Privacy, Selfies, Posts, Moods):
        await bot.add_cog(cog(bot, parts, reader))
    await bot.add_cog(Admin(bot, parts))
    if bot.tree.translator is None:
        await bot.tree.set_translator(Translator())
