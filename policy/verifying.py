"""Whether an account that somebody asks about is on the public list, however they write it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
    """The public list, by everything that somebody may ask with."""

    def __init__(self, listed: Iterable[Listed], platforms: Iterable[Platform]) -> None:
        self.listed = tuple(listed)
        self._platforms = tuple(platforms)
        self._by_handle: dict[str, list[Listed]] = defaultdict(list)
        self._by_page: dict[str, list[Listed]] = defaultdict(list)
        self._by_id: dict[str, list[Listed]] = defaultdict(list)
        self._by_looks: dict[str, list[Listed]] = defaultdict(list)
        for one in self.listed:
            self._by_handle[one.handle_key].append(one)
            self._by_looks[looks(one.handle_key)].append(one)
            if one.page_key:
                self._by_page[one.page_key].append(one)
            if key := platform_key(one.platform_id):
                self._by_id[key].append(one)

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
        found = [one for key in pages if key for one in self._by_page.get(key, ())]
        sure = all(is_sure_of(said, one) for one in theirs)
        for key, platform in handles.items() if sure else ():
            found += [one for one in self._by_handle.get(key, ()) if platform in {"", one.platform}]
        found += self._by_id.get(platform_key(said) or "", ())
        if found:
            return Answer(_in_order(found))
        return Answer((), _in_order(one for key in handles for one in self._by_looks.get(looks(key), ())))


def _handles(said: str, platforms: Iterable[Platform]) -> Iterator[tuple[str, str]]:
    """The handle in an address, and its platform; nothing where the address names no account."""
    for one in platforms:
        with suppress(NoHandle):
            yield handle_key(handle_of(said, one)), one.name


def _in_order(found: Iterable[Listed]) -> Sequence[Listed]:
    """Each once."""
    each = {(one.platform, one.handle_key): one for one in found}
    return tuple(each[key] for key in sorted(each))
