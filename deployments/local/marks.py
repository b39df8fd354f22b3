"""Finding and ending every process of one stack, by the mark in its environment."""

import hashlib
import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

Process, Error = psutil.Process, psutil.Error

VARIABLE = "STEWARD_STACK"

#: How long a killed process may take to be gone (the kernel may be busy with its disk).
_PATIENCE_SECONDS = 8.0
_LOOK_AGAIN_SECONDS = 0.02
_ROUNDS = 5


def of_folder(data_dir: Path) -> str:
    """What the marks of every stack on this data directory begin with."""
    return hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16] + ":"


def new(data_dir: Path) -> str:
    """A mark for one start, never the same: the guard of a killed `up` must not end the next `up`."""
    return of_folder(data_dir) + secrets.token_hex(4)


def carriers(beginning: str) -> list[psutil.Process]:
    """Every living process whose mark begins so; this one and its ancestors are left out.

    PostgreSQL's children overwrite their environment: they end by themselves when their parent is gone.
    """
    here = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        if process.pid in here:
            continue
        # A process that is gone or another user's is none of ours; a zombie waits for its parent only.
        with suppress(psutil.Error, OSError):
            marked = process.environ().get(VARIABLE, "").startswith(beginning)
            if marked and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end(process: psutil.Process) -> None:
    """Kill one process with its children, and wait for them."""
    for child in _children(process):
        with suppress(psutil.Error):
            child.kill()
    _end([process])


def end_all(beginning: str) -> int:
    """Kill every process of a stack, also those started meanwhile, and wait for them; how many there were."""
    ended = 0
    for _ in range(_ROUNDS):
        found = carriers(beginning)
        if not found:
            break
        ended += _end(found)
    return ended


def _end(processes: Iterable[psutil.Process]) -> int:
    doomed = list(processes)
    families = [member for process in doomed for member in (process, *_children(process))]
    for process in doomed:
        with suppress(psutil.Error):
            process.kill()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while any(map(_lives, families)) and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_SECONDS)
    return len(doomed)


def _lives(process: psutil.Process) -> bool:
    """Look without waiting: waiting would take a child's exit code from the code that started it."""
    with suppress(psutil.Error):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        found: list[psutil.Process] = process.children(recursive=True)
        return found
    return []
