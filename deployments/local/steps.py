"""One line for each step of the start: what, the outcome, the seconds it took."""

import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_WIDTH = 24


def say(text: str, end: str = "\n") -> None:
    """Print at once. A closed terminal must not stop us in the middle of ending the stack."""
    try:
        print(text, end=end, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass
class Step:
    """A step under way."""

    outcome: str = ""


class Steps:
    """Writes the steps as they go: the name at a step's beginning, the rest of the line at its end."""

    def __init__(self) -> None:
        self._open = False

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[Step]:
        """One step; set `outcome` inside to have it shown."""
        begun = time.monotonic()
        say(f"  {name + ' ':.<{_WIDTH}} ", end="")
        self._open = True
        step = Step()
        yield step
        self._open = False
        say(f"{time.monotonic() - begun:5.1f} s  {step.outcome}".rstrip())

    def broken(self) -> None:
        """End the line of a step that did not get to its end."""
        if self._open:
            self._open = False
            say("not finished")
