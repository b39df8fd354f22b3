"""A lifecycle is one declaration: its name, what wakes it, its stages, and its turn in the nightly sweep.

Each stands as `LIFECYCLE` in the `lifecycle` module of its subject, and is found by walking the subjects.
Its flow, the sweep, the wake-ups, the simulated year and the benchmark read it here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Protocol

import tasks
from schemas.events import EventKind
from tasks.cases import Case, Only
from tasks.runtime import Runtime


class Turn(IntEnum):
    """When the nightly sweep comes to a lifecycle: what follows from a change comes after it."""

    ACCESS = 1
    PAGES = 2
    ACCOUNTS = 3
    RENEWALS = 4
    LEAVE = 5
    INCIDENTS = 6
    PUBLIC = 7
    LOOKS = 8
    REMINDERS = 9  # what ended above needs no reminder
    GUIDANCE = 10
    CONTACTS = 11
    RETENTION = 12  # nobody is forgotten whom something above still needs
    SANCTIONS = 13  # after the rules: it follows from what they found


class Due(Protocol):
    """Which cases may move at a moment; with `only`, those of one account."""

    async def __call__(self, runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
        """Gather them."""
        ...


@dataclass(frozen=True)
class Stage:
    """One kind of case: the word for it, which cases may move now, and what moves one.

    `move` gives back what happened, a few words for each subject of the case; nothing where nothing did.
    """

    word: str
    due: Due
    move: Callable[[Runtime, Case, datetime], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True)
class Lifecycle:
    """What one flow brings on. `name` is also its deployment's; without a `turn` the sweep leaves it out."""

    name: str
    woken_by: tuple[EventKind, ...]
    stages: tuple[Stage, ...]
    turn: Turn | None = None


@cache
def every() -> tuple[Lifecycle, ...]:
    """All lifecycles, by name."""
    packages = (f"{tasks.__name__}.{one.name}" for one in iter_modules(tasks.__path__) if one.ispkg)
    modules = (import_module(f"{one}.lifecycle") for one in packages if find_spec(f"{one}.lifecycle"))
    declared = (getattr(module, "LIFECYCLE", None) for module in modules)
    return tuple(sorted((one for one in declared if one is not None), key=lambda one: str(one.name)))


def named(name: str) -> Lifecycle:
    """The lifecycle of this name. Raises StopIteration: names come from the declarations themselves."""
    return next(one for one in every() if one.name == name)


def swept() -> tuple[Lifecycle, ...]:
    """The lifecycles that the nightly sweep brings on, in its order."""
    return tuple(sorted((one for one in every() if one.turn is not None), key=lambda one: one.turn or 0))


@cache
def woken_by(event: EventKind) -> tuple[str, ...]:
    """The names of the lifecycles that get a run when this happens."""
    return tuple(one.name for one in every() if event in one.woken_by)
