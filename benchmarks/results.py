"""What was measured last, by benchmark, in benchmarks/latest.json (not committed)."""

import json
from pathlib import Path
from typing import Any

LATEST = Path(__file__).with_name("latest.json")


def keep(name: str, rows: list[dict[str, Any]]) -> None:
    """Put the figures of one benchmark in the place of its last ones."""
    try:
        known = json.loads(LATEST.read_text())
    except (OSError, ValueError):
        known = {}
    before = known if isinstance(known, dict) else {}
    LATEST.write_text(json.dumps({**before, name: rows}))
