"""How every interaction is answered: acknowledged at once, and always with a word in the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord

from seollem.bot.wording.failures import answer


@asynccontextmanager
async def answering(
    interaction: discord.Interaction[Any], *, ephemeral: bool = True
) -> AsyncIterator[None]:
    """Acknowledge before any work is done; turn whatever goes wrong into one polite answer.

    Discord allows three seconds to acknowledge, and fifteen minutes to answer then. A command is
    acknowledged with "thinking…", which the first ``followup.send`` replaces; a pressed button
    without a sign, so that its message can be edited and answers can be private or public.
    What goes wrong in the block is not raised, so a host bot's own error handlers stay quiet.
    """
    if interaction.type is discord.InteractionType.component:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=ephemeral, thinking=True)
    try:
        yield
    except Exception as error:
        await interaction.followup.send(answer(error, interaction.locale), ephemeral=True)
