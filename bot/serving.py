"""``seollem run``: the bot on Discord, from its start to its orderly end."""

import asyncio
import contextlib
import logging
import signal

import aiohttp
import discord

from seollem.bot.client import SeollemBot
from seollem.bot.errors import DiscordUnreachable, InvalidToken, MissingIntent, NoToken
from seollem.bot.parts import build_parts
from seollem.bot.settings import Settings
from seollem.bot.tokens import NOT_A_TOKEN, PORTAL, bot_id


def serve(settings: Settings) -> None:
    """Stay on Discord until the process is told to end (Ctrl-C, SIGTERM).

    Raises:
        StartError: no token, a wrong one, a missing intent, or no connection; see
            seollem.bot.errors.
        DatabaseError, WeightsError: see seollem.bot.parts.
    """
    if settings.discord_token is None:
        raise NoToken(
            f"There is no SEOLLEM_DISCORD_TOKEN: set it to your bot's token ({PORTAL} → Bot), "
            "or talk in the terminal with `seollem chat`."
        )
    token = settings.discord_token.get_secret_value()
    if bot_id(token) is None:
        raise InvalidToken(f"{NOT_A_TOKEN}.")
    _log_what_matters()
    with contextlib.suppress(asyncio.CancelledError):  # SIGTERM: the usual end of a service
        asyncio.run(_serve(settings, token))


async def _serve(settings: Settings, token: str) -> None:
    _cancel_on_sigterm()
    parts = await build_parts(settings)
    try:
        async with SeollemBot(parts=parts) as bot:
            await bot.start(token)
    except discord.LoginFailure:
        raise InvalidToken(
            f"Discord does not know this SEOLLEM_DISCORD_TOKEN: copy it again from {PORTAL} → Bot."
        ) from None
    except discord.PrivilegedIntentsRequired:
        raise MissingIntent(
            f"Discord asks for the Message Content intent: switch it on at {PORTAL} → Bot."
        ) from None
    except aiohttp.ClientConnectionError as error:
        raise DiscordUnreachable(
            f"Discord cannot be reached ({error}): check the network and try again."
        ) from None
    finally:
        await parts.close()


def _log_what_matters() -> None:
    discord.utils.setup_logging()
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it narrates every start
    # The bot does not speak, so the libraries for voice are not missed.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def _cancel_on_sigterm() -> None:
    task = asyncio.current_task()
    if task is not None:
        with contextlib.suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
