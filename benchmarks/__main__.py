"""Run every benchmark that there is, one after the other: `make bench`.

python -m benchmarks [NAME …]
"""

import subprocess
import sys
from pathlib import Path
from pkgutil import iter_modules

from benchmarks.beside.machine import machine

#: No benchmarks: what they share.
SHARED = frozenset({"__main__", "databases", "division", "filling", "mail_server", "results"})


def names() -> list[str]:
    """Every benchmark, by its module's name."""
    modules = iter_modules([str(Path(__file__).parent)])
    return sorted({found.name for found in modules if not found.ispkg} - SHARED)


def main(wanted: list[str]) -> int:
    """Run them; the number of those that failed."""
    if unknown := sorted(set(wanted) - set(names())):
        print(f"There is no benchmark {unknown[0]}: choose from {', '.join(names())}.", file=sys.stderr)
        return 2
    failed = 0
    print(machine(), flush=True)
    for name in wanted or names():
        print(f"\n== {name}\n", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        failed += subprocess.run(command, check=False).returncode != 0  # noqa: S603 - our own modules
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
