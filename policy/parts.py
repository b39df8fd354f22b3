"""What every part of the policy's model is: frozen, strict, and refusing keys that it does not know."""

import re
from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.language import half


class Part(BaseModel):
    """One table of the policy file. Equal and hashable by value; a key too many is refused."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", str_strip_whitespace=True, defer_build=True
    )


def _of_form(pattern: str, otherwise: str) -> Callable[[str], str]:
    """A check that a whole text has a form, and the sentence for one that has not."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(otherwise)
        return value

    return check


#: A sentence or a name: never empty, never a page long.
Words = Annotated[str, Field(min_length=1, max_length=4000)]
#: A version of a text or list. A new one makes what was said about the old one stale.
Version = Annotated[str, Field(min_length=1, max_length=40)]
#: A short name that the store keeps; it must not change once it is in use.
Slug = Annotated[
    str,
    Field(max_length=80),
    AfterValidator(
        _of_form(r"[a-z0-9]+(-[a-z0-9]+)*", half("use small letters, digits and single hyphens only"))
    ),
]
#: The id of an entry of one of the file's lists. It must not change once it is in use: the store keeps it, in
#: columns of 40 characters.
Id = Annotated[str, Field(min_length=1, max_length=40)]
#: A public address.
Address = Annotated[
    str,
    Field(max_length=2000),
    AfterValidator(
        _of_form(r"https://[^\s/]+(/\S*)?", half("give a whole address that begins with https://"))
    ),
]
#: A whole number of something, at least one.
Count = Annotated[int, Field(ge=1, le=100_000)]


def _nearer_and_nearer(ladder: tuple[int, ...]) -> tuple[int, ...]:
    if not all(far > near for far, near in pairwise(ladder)):
        raise ValueError("reminders go out nearer and nearer: list the days from many to few")
    return ladder


class Means(StrEnum):
    """What a number of days is for, where a slip in it would cost people their access."""

    GRACE = "grace"  # how long people have for what they are asked for
    LASTS = "lasts"  # how long what they did counts


#: How many days people have before they lose something.
Grace = Annotated[Count, Means.GRACE]
#: How many days something counts that people did.
Lasts = Annotated[Count, Means.LASTS]
#: A whole number of something; none is allowed.
CountOrNone = Annotated[int, Field(ge=0, le=100_000)]
#: Days before something happens, the farthest first: 30, 7, 1.
Ladder = Annotated[tuple[CountOrNone, ...], AfterValidator(_nearer_and_nearer)]


def doubled(values: tuple[object, ...]) -> object | None:
    """The first value that stands there twice, or None."""
    seen: set[object] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None
