"""The formulas of affection; section 3 of the design. No torch, no I/O."""


def percent(affection: float) -> float:
    """Affection in [-1, 1] as people see it, in [0, 100]: 50 · (1 + A)."""
    return 50.0 * (1.0 + affection)
