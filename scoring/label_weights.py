"""The affection weight of each emotion, in [-1, 1]: a table that says where it comes from.

    weights = LabelWeights.load()    # the shipped table: eight face emotions and KOTE's 44
    weights["happiness"]             # near 1: it draws near
    weights.provenance

How the shipped numbers came about stands in weights/CARD.md.
"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from seollem.scoring.errors import WeightsError

SHIPPED = Path(__file__).parent / "weights" / "label_weights.json"


class LabelWeights(Mapping[str, float]):
    """label → weight in [-1, 1], read only.

    Args:
        weights: at least one label.
        provenance: one sentence on where the numbers come from.

    Raises:
        WeightsError: no label, or a weight that is not a number in [-1, 1].
    """

    def __init__(self, weights: Mapping[str, float], *, provenance: str) -> None:
        for label, weight in weights.items():
            is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
            if not (is_number and math.isfinite(weight) and -1.0 <= weight <= 1.0):
                raise WeightsError(f"The weight of {label!r} is {weight!r}, not in [-1, 1].")
        if not weights:
            raise WeightsError("The table of label weights has no label.")
        self._weights = {label: float(weight) for label, weight in weights.items()}
        self.provenance = provenance

    @classmethod
    def load(cls, path: Path | None = None) -> "LabelWeights":
        """Read a table: ``{"provenance": …, "weights": {label: weight}}``; None: the shipped one.

        Raises:
            WeightsError: the file is missing, is not such JSON, or has weights outside [-1, 1].
        """
        path = path or SHIPPED
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
            weights, provenance = table["weights"], table["provenance"]
        except OSError as error:
            raise WeightsError(
                f"The label weights {path} cannot be read ({error.strerror}): install again."
            ) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise WeightsError(
                f"{path} is not a table of label weights: put back the file that came with it."
            ) from error
        if not isinstance(weights, dict) or not isinstance(provenance, str):
            raise WeightsError(f"{path} is not a table of label weights: its parts are misshapen.")
        return cls(weights, provenance=provenance)

    def __getitem__(self, label: str) -> float:
        return self._weights[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)
