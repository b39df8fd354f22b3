"""One program alone has a data directory: the stack that runs there, or a restore that fills it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import NotNow

#: What the lock says of its holder beside the process, where it is no stack.
RESTORE = "restores"


class RunsAlready(NotNow):
    """Another program holds this data directory."""


@contextmanager
def alone(data_dir: Path, does: str = "") -> Iterator[None]:
    """Hold the data directory while the block runs. Raises RunsAlready.

    `does`: RESTORE for a restore. A stack that began meanwhile would have the settings of an empty place:
    anybody could choose whom to be among the people who came back, and letters would go to the catcher.

    The lock is the kernel's: it goes when its holder goes, so there is no stale one.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            process, _, holder = lock.read().strip().partition(" ")
            raise RunsAlready(_refused(data_dir, process or "unknown", holder, does)) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {does}".strip())
        lock.flush()
        yield


def runs(data_dir: Path) -> bool:
    """Whether a stack or a restore has this data directory."""
    try:
        with (data_dir / "up.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _refused(data_dir: Path, process: str, holder: str, does: str) -> str:
    if holder == RESTORE:
        return f"A backup is being restored into {data_dir} (process {process}): wait until that is done."
    said = f"Steward runs already on {data_dir} (process {process})"
    return f"{said}: end it first, then restore." if does else f"{said}: use that one, or end it with Ctrl-C."
