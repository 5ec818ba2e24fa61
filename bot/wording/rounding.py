"""Figures as people and programs are shown them."""

from typing import Any

SHOWN = 4  # decimals of a reading: more would tell nothing
EXPORTED = 12  # of what is kept, without the dust of a double's last digits


def rounded(data: Any, digits: int) -> Any:
    """JSON-ready data with all its floats rounded to ``digits`` decimals."""
    match data:
        case float():
            return round(data, digits) + 0.0  # no minus zero
        case dict():
            return {key: rounded(value, digits) for key, value in data.items()}
        case list():
            return [rounded(value, digits) for value in data]
        case _:
            return data
