"""Commands as forks of a process that has them all loaded: to load them is most of what a command costs.

Each is a process of its own, as a person's is, with the environment that it is given. How a command starts
when nothing is loaded is tried in tests/commands.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.forks import FORKS


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int | None
    stdout: str
    stderr: str


def run(words: Sequence[str], env: Mapping[str, str], *, timeout: float) -> Done:
    """`steward` with these words, in this environment and no other. Raises TimeoutError."""
    with TemporaryDirectory(prefix="steward-command-") as folder:
        out, err, code = (Path(folder, name) for name in ("out", "err", "code"))
        process = FORKS.Process(target=_be, args=(tuple(words), dict(env), out, err, code))
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
            raise TimeoutError(f"steward {words[0]} has not ended")
        # another thread that starts one may have been told how this one ended, and nobody is told twice
        ended = int(code.read_text("ascii")) if code.exists() else None
        return Done(ended, out.read_text("utf-8"), err.read_text("utf-8"))


def _be(words: Sequence[str], env: Mapping[str, str], out: Path, err: Path, code: Path) -> None:
    """In the fork: the command itself."""
    from deployments.cli import main  # noqa: PLC0415 - whoever asks for a fork need not load it

    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["steward", *words]
    ended: object = 1
    try:
        main()
    except SystemExit as end:
        ended = end.code
    finally:
        code.write_text(str(ended), "ascii")
