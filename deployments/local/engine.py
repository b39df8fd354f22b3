"""Prefect's engine for one run; while its modules load, no garbage is looked for.

    python -m deployments.local.engine

Each run is a process of its own, and what it costs is mostly to load Prefect and the flows. Looking through
what was loaded, again and again, is a sixth of that, and finds nothing. The run is told by the environment,
as it is for `python -m prefect.engine`.
"""

import gc
import os
import runpy
from contextlib import suppress
from importlib import import_module


def main() -> None:
    """Load the flow of this run, then be Prefect's engine. What can't be loaded, the engine itself tells."""
    gc.disable()
    try:
        with suppress(ImportError):
            import_module(os.environ.get("PREFECT__FLOW_ENTRYPOINT", "").rpartition(".")[0] or "flows")
    finally:
        gc.freeze()
        gc.enable()
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
