"""Steward on sixteen machines, under kills: what docs/machines.md describes, on the loopback of this one.

    python -m benchmarks.machines [ACCOUNTS] [COMPLETIONS] [--no-kills] [--more] [--keep FOLDER]

PostgreSQL for both stores, Redis, two API servers with the services apart, three workers on the work queues,
two processes of web pages, a proxy, a mail server and a web site, each with an address, a folder and
settings of its own. People complete the course through the web pages while the sweep and the page round run;
a worker, an API server, Redis, the database and one more worker are killed and brought back. Then everything
is counted.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.beside.machine import machine
from benchmarks.division import NOW
from benchmarks.machines.rig import Rig
from benchmarks.machines.trial import Trial
from benchmarks.results import keep
from deployments.local.steps import say
from policy.model import load
from schemas.settings import ROOT
from tasks import clock
from tasks.lifecycles import every

HOSTS, PAGES = 16, 200


@contextmanager
def a_site() -> Iterator[int]:
    """The pages of all accounts, on 16 addresses; its port."""
    command = [sys.executable, "-m", "benchmarks.beside.site", str(PAGES), str(HOSTS)]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as site:
        try:
            yield int((site.stdout or sys.stdin).readline())
        finally:
            if site.stdin:
                site.stdin.close()


def main() -> None:
    """Run it and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("accounts", nargs="?", type=int, default=10_000)
    parser.add_argument("completions", nargs="?", type=int, default=2_000)
    parser.add_argument("--no-kills", action="store_true", help="nothing is killed")
    parser.add_argument("--more", action="store_true", help="growth of Prefect's database, and workers")
    parser.add_argument("--keep", type=Path, help="leave the logs in this folder")
    chosen = parser.parse_args()
    say(machine())
    every()  # what the checks at the end import is imported now: the checkout may change meanwhile
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "STEWARD_"))]:
        del os.environ[name]
    offset = int(NOW.timestamp() - time.time())
    os.environ[clock.OFFSET] = str(offset)
    with tempfile.TemporaryDirectory(prefix="steward-machines-") as made, a_site() as port:
        folder = (chosen.keep or Path(made)).resolve()
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
        allowed = ", ".join(f'"127.0.0.{1 + host}:{port}"' for host in range(HOSTS))
        rig = Rig(folder, offset, f"[{allowed}]")
        os.environ["STEWARD_DATA_DIR"] = str(folder / "trial")
        trial = Trial(
            rig, load(ROOT / "policy" / "ap151.toml"), chosen.accounts, chosen.completions, chosen.more
        )
        try:
            counts = asyncio.run(trial.run(port, HOSTS, kills=not chosen.no_kills))
        finally:
            rig.end_all()
    say("")
    for what, how_many in counts.items():
        say(f"{what:<44}{how_many:>10}")
    keep("machines", [{**counts, "accounts": chosen.accounts, "machine": machine()}])


if __name__ == "__main__":
    main()
