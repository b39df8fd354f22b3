"""One program alone has a data directory: the stack that runs there, or a restore or setup that fills it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from schemas.errors import BadSettings, NotNow

#: What the lock says of its holder beside the process, where it is no stack.
RESTORE, INIT = "restores", "is set up"


class RunsAlready(NotNow):
    """Another program holds this data directory. `holder`: RESTORE or INIT; empty for a stack."""

    holder: str = ""


@contextmanager
def alone(data_dir: Path, does: str = "") -> Iterator[None]:
    """Hold the data directory while the block runs. Raises RunsAlready; BadSettings where it can't be used.

    `does`: RESTORE for a restore, INIT for a setup. A stack that began during a restore would have the
    settings of an empty place: anybody could choose whom to be among the people who came back, and letters
    would go to the catcher.

    The lock is the kernel's: it goes when its holder goes, so there is no stale one.
    """
    with _opened(data_dir) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            process, _, holder = lock.read().strip().partition(" ")
            refused = RunsAlready(_refused(data_dir, process or "unknown", holder, does))
            refused.holder = holder
            raise refused from None
        except OSError as error:
            raise _unusable(data_dir, error) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {does}".strip())
        lock.flush()
        yield


@contextmanager
def beside_a_stack(data_dir: Path, does: str) -> Iterator[None]:
    """Hold the data directory, or share it with a stack that runs there. Raises RunsAlready for any other."""
    with ExitStack() as held:
        try:
            held.enter_context(alone(data_dir, does))
        except RunsAlready as error:
            if error.holder:
                raise
        yield


def _opened(data_dir: Path) -> TextIO:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (data_dir / "up.lock").open("a+")
    except OSError as error:
        raise _unusable(data_dir, error) from None


def _unusable(data_dir: Path, error: OSError) -> BadSettings:
    return BadSettings(
        f"The data directory {data_dir} can't be used: {error.strerror}. Set STEWARD_DATA_DIR to a folder "
        "that this user may write to."
    )


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
    if holder == INIT:
        return f"Steward is being set up in {data_dir} (process {process}): wait until that is done."
    said = f"Steward runs already on {data_dir} (process {process})"
    return f"{said}: end it first, then restore." if does else f"{said}: use that one, or end it with Ctrl-C."
