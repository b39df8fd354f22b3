"""`python -m deployments.local`: the stack without the rest of the command line, for its own tests."""

import argparse
import sys
from pathlib import Path

from deployments.local.supervisor import up
from schemas.errors import StewardError
from schemas.settings import load


def main() -> int:
    """Run the stack; the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefect-file", type=Path, help="other deployments than those of prefect.yaml")
    chosen = parser.parse_args()
    try:
        return up(load(), chosen.prefect_file)
    except StewardError as error:
        print(error, file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
