"""Processor time of commands that only read, beside a Python that does nothing and one that only imports.

    python -m benchmarks.commands [--rounds 10]

All take turns, and the least of the rounds counts: a busy machine makes each dearer, not their ratio. The
store is the sample division. `libraries` imports what every reading command needs of others: SQLAlchemy's
asyncio part and SQLModel.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.beside.machine import machine
from benchmarks.results import keep
from schemas.settings import ROOT

STEWARD = [sys.executable, "-c", "from deployments.cli import main; main()"]
BESIDE = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "libraries": [sys.executable, "-c", "import sqlalchemy.ext.asyncio, sqlmodel"],
}
COMMANDS = ("--help", "status", "account list", "people", "clauses")


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time, and how many times those of nothing and of the libraries."""

    what: str
    seconds: float
    times_nothing: float
    times_libraries: float


def spent(words: Sequence[str], env: Mapping[str, str]) -> float:
    """Processor seconds of one process, from its start to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(rounds: int) -> list[Cost]:
    """The least of so many rounds of each."""
    with tempfile.TemporaryDirectory(prefix="steward-commands-") as home:
        env = {**os.environ, "STEWARD_DATA_DIR": home}
        prepare = [sys.executable, "-m", "deployments.local.store_work", "prepare"]
        subprocess.run(prepare, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
        wanted = BESIDE | {f"steward {words}": [*STEWARD, *words.split()] for words in COMMANDS}
        least = dict.fromkeys(wanted, float("inf"))
        for _ in range(rounds):
            for what, words in wanted.items():
                least[what] = min(least[what], spent(words, env))
    nothing, libraries = (least[what] for what in BESIDE)
    return [Cost(what, cpu, cpu / nothing, cpu / libraries) for what, cpu in least.items()]


def main() -> None:
    """Measure and print the table of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    chosen = parser.parse_args()
    print(machine())
    costs = measure(chosen.rounds)
    print("| command | processor time (s) | ÷ `python -c pass` | ÷ libraries |\n|---|--:|--:|--:|")
    for one in costs:
        print(f"| {one.what} | {one.seconds:.3f} | {one.times_nothing:.0f} | {one.times_libraries:.2f} |")
    keep("commands", [asdict(one) for one in costs])


if __name__ == "__main__":
    main()
