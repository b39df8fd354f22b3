"""Processes that are forked from one which has all loaded: to load it is most of what a short one costs.

There is one such process for each process that runs tests, so what it has loaded is said here, once. Nothing
is open in it.
"""

import os
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from typing import Any

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.support.loaded"])


def process(target: Callable[..., object], *args: Any) -> ForkServerProcess:
    """A process that is to run this, in the environment that there is now."""
    return FORKS.Process(target=_as_here, args=(dict(os.environ), target, args))


def _as_here(env: Mapping[str, str], target: Callable[..., object], args: tuple[Any, ...]) -> None:
    """In the fork: its environment is that of the process that was started first."""
    os.environ.clear()
    os.environ.update(env)
    target(*args)
