"""Reads expressions and feelings, and keeps the score of affection over a conversation.

    seollem                    # talk: on Discord with a token, otherwise in this terminal
    seollem vision selfie.jpg
    seollem text "오늘 너 만나서 너무 설레고 행복했어"
    seollem doctor             # check that everything works, and say what to do

What a command does, and an example: seollem COMMAND --help

Commands complete with TAB after this line in ~/.bashrc (or zsh_source in ~/.zshrc, and so on):

    eval "$(_SEOLLEM_COMPLETE=bash_source seollem)"
"""

import click

from seollem.cli.commands import LazyGroup, load

COMMANDS = {
    "run": ("seollem.bot.commands:run", "talk on Discord"),
    "chat": ("seollem.bot.commands:chat", "talk in this terminal, or with a pipe"),
    "doctor": ("seollem.bot.commands:doctor", "check everything, and say what to do"),
    "vision": ("seollem.vision.commands:vision", "read the faces in pictures"),
    "text": ("seollem.scoring.commands:text", "read messages: their emotions and affection"),
    "weights": ("seollem.scoring.commands:weights", "weigh emotions by nearness to affection"),
    "db": ("seollem.db.commands:db", "look into the memory, export it, erase people from it"),
    "train": ("seollem.training.commands:training", "data, fine-tuning, evaluation, export"),
}


@click.group(cls=LazyGroup, table=COMMANDS, invoke_without_command=True, help=__doc__)
@click.version_option(package_name="seollem", prog_name="seollem")
@click.pass_context
def seollem(ctx: click.Context) -> object:
    if ctx.invoked_subcommand is None:
        return ctx.invoke(load("seollem.bot.commands:start"))
    return None
