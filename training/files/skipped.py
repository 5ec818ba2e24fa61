"""Files and rows that are left out: counted by reason, listed by place, never silent."""

from pathlib import Path

from seollem.training.files.tables import write_table

SHOWN = 3  # places that a summary names for each reason


class Skipped:
    """Rows and files that could not be used, by the reason why."""

    def __init__(self) -> None:
        self.places: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return sum(map(len, self.places.values()))

    def add(self, reason: str, place: object) -> None:
        """Leave something out; ``place`` says where to look for it."""
        self.places.setdefault(reason, []).append(str(place))

    def summary(self) -> str:
        """A line for each reason, the commonest first, with the first few places."""
        lines = []
        for reason, places in sorted(self.places.items(), key=lambda item: -len(item[1])):
            more = ", …" if len(places) > SHOWN else ""
            lines.append(f"{len(places):,} skipped, {reason}: {', '.join(places[:SHOWN])}{more}")
        return "\n".join(lines)

    def save(self, path: Path) -> None:
        """Write all of them as csv (reason, place).

        Raises:
            DataError: the file cannot be written.
        """
        rows = ((reason, place) for reason, places in self.places.items() for place in places)
        write_table(path, ("reason", "place"), rows)
