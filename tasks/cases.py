"""One case that a run moves in a task of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

#: Facts of so many subjects are gathered at once: no more are in memory.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Case:
    """Subjects that move together. `label` is what operators see: a handle, never a person's name."""

    label: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Only:
    """The one account that a run is for. `account` is None while there is only a request for it."""

    account: int | None
    label: str


def gathered(cases: tuple[Case, ...], at_most: int) -> tuple[Case, ...]:
    """The same cases in at most `at_most` of them: the first stay as they are, the rest share the others.

    A run of thousands of tasks drowns Prefect's server; what happened to each is in our store.
    """
    if len(cases) <= at_most:
        return cases
    alone = at_most // 2
    rest = cases[alone:]
    size = -(-len(rest) // (at_most - alone))
    groups = [rest[start : start + size] for start in range(0, len(rest), size)]
    return (
        *cases[:alone],
        *(
            Case(f"{group[0].label} and {len(group) - 1} more", tuple(i for one in group for i in one.ids))
            for group in groups
        ),
    )


def in_parts(ids: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """The ids, `AT_ONCE` of them at a time."""
    left = iter(ids)
    while some := tuple(islice(left, AT_ONCE)):
        yield some
