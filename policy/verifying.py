"""Whether an account that somebody asks about is on the public list, however they write it. Pure."""

import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from policy.identity import (
    NoHandle,
    handle_key,
    handle_of,
    is_link_of,
    is_sure_of,
    looks,
    page_key,
    platform_key,
)
from policy.organization import Platform

#: What is longer is no handle, address or id.
LONGEST = 2000
#: A place in the list, and the digest of a key, have half of 64 bits each.
_BITS = 32
_PLACES = 2**_BITS - 1


@dataclass(frozen=True)
class Listed:
    """An account as the public may know it: nothing of any person. `since`: a day of the division's zone."""

    platform: str
    handle: str
    address: str
    platform_id: str
    run_by: str
    level: str
    state: str
    since: date | None
    handle_key: str
    page_key: str | None
    number: int = 0  # ours, and shown to nobody


@dataclass(frozen=True)
class Answer:
    """`found`: the accounts that were meant. `similar`: with none, those that may be mistaken for one.

    Their letters look the same, or the same handle is on another platform.
    """

    found: Sequence[Listed]
    similar: Sequence[Listed] = ()


class Register:
    """The public list, by everything that somebody may ask with.

    A hundred thousand accounts are some twenty megabytes: each is kept as a line of text, and made anew when
    it is asked for. What leads to it is a short digest of the key with its place, in order.
    """

    def __init__(self, listed: Iterable[Listed], platforms: Iterable[Platform]) -> None:
        self._platforms = tuple(platforms)
        self._text = bytearray()
        self._ends = array("Q", [0])
        self._words: list[str] = []  # what many accounts share: platform, school, level, state
        self._numbers: dict[str, int] = {}
        self._by_handle, self._by_page, self._by_id, self._by_looks = _Index(), _Index(), _Index(), _Index()
        for one in listed:
            self.add(one)

    def add(self, one: Listed) -> None:
        """One more account."""
        place = len(self)
        shared = [self._number(word) for word in (one.platform, one.run_by, one.level, one.state)]
        since = one.since.isoformat() if one.since else None
        own = (one.handle, one.address, one.platform_id, since, one.handle_key, one.page_key, one.number)
        self._text += json.dumps([*shared, *own], ensure_ascii=False, separators=(",", ":")).encode()
        self._ends.append(len(self._text))
        self._by_handle.add(one.handle_key, place)
        self._by_looks.add(looks(one.handle_key), place)
        if one.page_key:
            self._by_page.add(one.page_key, place)
        if key := platform_key(one.platform_id):
            self._by_id.add(key, place)

    def _number(self, word: str) -> int:
        if word not in self._numbers:
            self._numbers[word] = len(self._words)
            self._words.append(word)
        return self._numbers[word]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[Listed]:
        """By platform and handle."""
        each = ((place, self._at(place)) for place in range(len(self)))
        order = sorted((one.platform, one.handle_key, one.number, place) for place, one in each)
        return (self._at(place) for *_, place in order)

    def _at(self, place: int) -> Listed:
        kept = json.loads(self._text[self._ends[place] : self._ends[place + 1]])
        platform, run_by, level, state = (self._words[one] for one in kept[:4])
        handle, address, platform_id, since, key, page, number = kept[4:]
        day = date.fromisoformat(since) if since else None
        return Listed(platform, handle, address, platform_id, run_by, level, state, day, key, page, number)

    def _of(self, index: "_Index", key: str, its: Callable[[Listed], str | None]) -> list[Listed]:
        """The accounts of this key; two keys may have the same digest."""
        return [one for place in index.places(key) if its(one := self._at(place)) == key]

    def asked(self, words: str) -> Answer:
        """What the list says of a handle, an address, a link or a platform's own id.

        A link of a platform means an account of that platform alone, and only where it leads to no other.
        """
        said = words.strip()[:LONGEST]
        if not said:
            return Answer(())
        theirs = [one for one in self._platforms if is_link_of(said, one)]
        pages = {page_key(said, one) for one in theirs} or {page_key(said, None)}
        handles = dict(_handles(said, theirs)) if theirs else {handle_key(said): ""}
        found = [one for key in pages if key for one in self._of(self._by_page, key, lambda it: it.page_key)]
        sure = all(is_sure_of(said, one) for one in theirs)
        for key, platform in handles.items() if sure else ():
            theirs_too = self._of(self._by_handle, key, lambda it: it.handle_key)
            found += [one for one in theirs_too if platform in {"", one.platform}]
        if number := platform_key(said):
            found += self._of(self._by_id, number, lambda it: platform_key(it.platform_id))
        if found:
            return Answer(_in_order(found))
        alike = {looks(key) for key in handles}
        return Answer(
            (),
            _in_order(
                one for key in alike for one in self._of(self._by_looks, key, lambda it: looks(it.handle_key))
            ),
        )


class _Index:
    """Where keys lead: the digest of a key and a place in one number, in order once it is asked."""

    def __init__(self) -> None:
        self._kept, self._is_sorted = array("Q"), True

    def add(self, key: str, place: int) -> None:
        """This key leads there too."""
        self._kept.append((hash(key) & _PLACES) << _BITS | place)
        self._is_sorted = False

    def places(self, key: str) -> Iterator[int]:
        """Where it may lead."""
        if not self._is_sorted:
            self._kept, self._is_sorted = array("Q", sorted(self._kept)), True
        first = (hash(key) & _PLACES) << _BITS
        at = bisect_left(self._kept, first)
        while at < len(self._kept) and self._kept[at] <= first | _PLACES:
            yield self._kept[at] & _PLACES
            at += 1


def _handles(said: str, platforms: Iterable[Platform]) -> Iterator[tuple[str, str]]:
    """The handle in an address, and its platform; nothing where the address names no account."""
    for one in platforms:
        with suppress(NoHandle):
            yield handle_key(handle_of(said, one)), one.name


def _in_order(found: Iterable[Listed]) -> Sequence[Listed]:
    """Each once."""
    each = {(one.platform, one.handle_key): one for one in found}
    return tuple(each[key] for key in sorted(each))
