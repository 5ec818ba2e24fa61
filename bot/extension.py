"""Seollem in anybody's discord.py bot: ``await bot.load_extension("seollem.bot.extension")``.

Settings are read as for the bot of its own: SEOLLEM_* variables and .env. The host bot needs the
intents ``guilds``, ``messages`` and ``message_content`` for what is posted (commands need none),
and syncs its command tree itself. Where it has set no translator, the commands' Korean names come
with ours; where one of its commands has the name of one of ours, loading fails and changes nothing.
"""

from seollem.bot.cogs.admin import Admin
from seollem.bot.cogs.mood import Moods
from seollem.bot.cogs.posts import Posts
from seollem.bot.cogs.privacy import Privacy
from seollem.bot.cogs.selfies import Selfies
from seollem.bot.events import HostBot
from seollem.bot.parts import Parts, build_parts
from seollem.bot.posts.reader import Reader
from seollem.bot.settings import load_settings
from seollem.bot.translator import Translator


async def setup(bot: HostBot) -> None:
    """Called by ``load_extension``: build the parts and add the cogs.

    Raises:
        SettingsError, DatabaseError, WeightsError: see seollem.bot.parts and seollem.db.settings.
    """
    parts = await build_parts(load_settings())
    try:
        await add_cogs(bot, parts)
    except BaseException:
        await remove_cogs(bot)
        await parts.close()
        raise


async def teardown(bot: HostBot) -> None:
    """Called by ``unload_extension`` and when the bot closes: remove the cogs, close the parts."""
    parts = await remove_cogs(bot)
    if parts is not None:
        await parts.close()


async def add_cogs(bot: HostBot, parts: Parts) -> None:
    """Add the cogs, which share the parts and one reader."""
    reader = Reader(parts)
    await bot.add_cog(Privacy(bot, parts, reader))
    await bot.add_cog(Selfies(bot, parts, reader))
    await bot.add_cog(Posts(bot, parts, reader))
    await bot.add_cog(Moods(bot, parts, reader))
    await bot.add_cog(Admin(bot, parts))
    if bot.tree.translator is None:
        await bot.tree.set_translator(Translator())


async def remove_cogs(bot: HostBot) -> Parts | None:
    """Remove whatever ``add_cogs`` added; returns the parts that the cogs shared."""
    privacy = bot.get_cog(Privacy.__cog_name__)
    for cog in (Admin, Moods, Posts, Selfies, Privacy):
        await bot.remove_cog(cog.__cog_name__)
    if isinstance(bot.tree.translator, Translator):
        await bot.tree.set_translator(None)
    return privacy.parts if isinstance(privacy, Privacy) else None
