"""``python -m scoring`` (in a checkout) or ``python -m seollem.scoring``: see commands.py."""

import sys

try:
    from seollem.cli.door import enter
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed for {sys.executable}. In a checkout: make run, "
        "or .venv/bin/python instead of python. Elsewhere: pip install seollem"
    )

if __name__ == "__main__":
    sys.exit(enter("seollem.scoring.commands:scoring", __package__))
