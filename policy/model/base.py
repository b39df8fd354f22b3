"""What every part of the policy's model is: frozen, strict, and refusing keys that it does not know."""

from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """One table of the policy file. Equal and hashable by value; a key too many is refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", str_strip_whitespace=True)


#: A sentence or a name: never empty, never a page long.
Words = Annotated[str, Field(min_length=1, max_length=4000)]
#: A version of a text or list. A new one makes what was said about the old one stale.
Version = Annotated[str, Field(min_length=1, max_length=40)]
#: A short name that the store keeps; it must not change once it is in use.
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
#: A public address.
Address = Annotated[str, Field(pattern=r"^https://[^\s/]+(/\S*)?$", max_length=2000)]
#: A whole number of something, at least one.
Count = Annotated[int, Field(ge=1, le=100_000)]
#: A whole number of something; none is allowed.
CountOrNone = Annotated[int, Field(ge=0, le=100_000)]
#: Days before something happens, the farthest first: 30, 7, 1.
Ladder = tuple[CountOrNone, ...]


def is_descending(ladder: Ladder) -> bool:
    """Whether each step is nearer than the one before it."""
    return all(far > near for far, near in pairwise(ladder))


def doubled(values: tuple[object, ...]) -> object | None:
    """The first value that stands there twice, or None."""
    seen: set[object] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None
