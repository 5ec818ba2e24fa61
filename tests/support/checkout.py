"""Where things lie in this checkout."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PORTRAITS = ROOT / "bot" / "portraits"
