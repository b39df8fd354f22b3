"""Which notices leave together: one letter each, or one digest a person a day (4). Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from schemas.machinery import Notice
from schemas.notices import Urgency

#: More letters than these to one person at one moment are gathered into one: after a holiday, for instance.
LETTERS_AT_ONCE = 3


@dataclass(frozen=True)
class Parcel:
    """Notices to one person that leave as one mail. `key` gives its Message-ID."""

    key: str
    person_id: int
    notices: tuple[Notice, ...]
    gathered: bool = False

    @property
    def ids(self) -> tuple[int, ...]:
        """The notices' ids."""
        return tuple(notice.id for notice in self.notices if notice.id is not None)

    @property
    def uncertain(self) -> bool:
        """Whether a copy of any of it may have arrived before."""
        return any(notice.uncertain for notice in self.notices)


def digest_key(person_id: int, today: date) -> str:
    """The key of a person's one digest of a day."""
    return f"digest/person:{person_id}/{today.isoformat()}"


def parcels(notices: Iterable[Notice], today: date) -> list[Parcel]:
    """What leaves together, urgent letters first.

    A notice of which a copy may have arrived leaves as it did then, so that it can be recognized.
    """
    letters: dict[int, list[Notice]] = defaultdict(list)
    digests: dict[int, list[Notice]] = defaultdict(list)
    made: list[Parcel] = []
    for notice in notices:
        if notice.urgency is Urgency.URGENT:
            made.append(_alone(notice))
        elif notice.urgency is Urgency.LOW:
            digests[notice.person_id].append(notice)
        else:
            letters[notice.person_id].append(notice)
    for person_id, waiting in letters.items():
        fresh = [notice for notice in waiting if not notice.uncertain]
        gathered = fresh if len(fresh) > LETTERS_AT_ONCE else []
        made += [_alone(notice) for notice in waiting if notice not in gathered]
        if gathered:
            together = "\n".join(sorted(notice.key for notice in gathered))
            key = f"gathered/person:{person_id}/{hashlib.sha256(together.encode()).hexdigest()}"
            made.append(Parcel(key, person_id, tuple(gathered), gathered=True))
    for person_id, waiting in digests.items():
        made.append(Parcel(digest_key(person_id, today), person_id, tuple(waiting), gathered=True))
    return made


def _alone(notice: Notice) -> Parcel:
    return Parcel(notice.key, notice.person_id, (notice,))
