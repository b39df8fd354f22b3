"""A note beside a function: which clauses it has to do with. Nothing reads it."""

from collections.abc import Callable
from typing import Literal, TypeVar

Served = TypeVar("Served", bound=Callable[..., object])


def serves(
    *_clauses: str, how: Literal["gate", "rule", "lifecycle", "guidance"]
) -> Callable[[Served], Served]:
    """Give the function back as it is."""
    del how

    def register(function: Served) -> Served:
        return function

    return register
