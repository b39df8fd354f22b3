"""Write the sample division's files into a folder, for people who want to look at the formats.

python -m deployments.sample FOLDER [SEED]
"""

import sys
from pathlib import Path

from deployments.sample import SEED, make, write
from policy.model import parse
from schemas.settings import load as load_settings
from tasks import clock
from tasks.store import adopted

_WITH_SEED = 3


def main(arguments: list[str]) -> int:
    """Write the files and say where each is."""
    if len(arguments) not in {2, _WITH_SEED} or (
        len(arguments) == _WITH_SEED and not arguments[2].isdecimal()
    ):
        print("usage: python -m deployments.sample FOLDER [SEED]", file=sys.stderr)
        return 2
    policy = parse(*adopted.text_now(load_settings()))
    seed = int(arguments[2]) if len(arguments) == _WITH_SEED else SEED
    division = make(seed, policy.calendar.today(clock.now()), policy)
    files = write(division, Path(arguments[1]))
    print(f"steward import roster {files.roster} --as {division.offices['superintendent']}")
    print(f"steward import training {files.training} --as {division.communications}")
    print(f"steward import accounts {files.accounts} --as {division.communications}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
