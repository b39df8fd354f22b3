"""What a run's figures were taken on, in one line."""

import os
import platform


def machine() -> str:
    """Python, processors and load (of the last minute): figures of a busy machine count as ratios only."""
    load = os.getloadavg()[0]
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}, "
        f"load {load:.1f}"
    )
