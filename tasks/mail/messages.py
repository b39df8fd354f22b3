"""Which notices leave together, and what can become of them. Pure; the outbox writes it down."""

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from policy.model import Mail
from policy.notices import KINDS
from schemas.machinery import Notice
from schemas.notices import NoticeState, Urgency

#: More letters than these to one person at one moment are gathered into one: after a holiday, for instance.
LETTERS_AT_ONCE = 3


@dataclass(frozen=True)
class Message:
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


def as_messages(notices: Iterable[Notice], today: date) -> list[Message]:
    """What leaves together, urgent letters first.

    A notice of which a copy may have arrived leaves as it did then, so that it can be recognized.
    """
    letters: dict[int, list[Notice]] = defaultdict(list)
    digests: dict[int, list[Notice]] = defaultdict(list)
    made: list[Message] = []
    for notice in notices:
        if notice.urgency is Urgency.URGENT:
            made.append(_alone(notice))
        elif notice.urgency is Urgency.LOW:
            digests[notice.person_id].append(notice)
        else:
            letters[notice.person_id].append(notice)
    for person_id, waiting in letters.items():
        fresh = [notice for notice in waiting if not notice.uncertain]
        groups = [fresh] if len(fresh) > LETTERS_AT_ONCE else _alike(fresh)
        gathered = [group for group in groups if len(group) > 1]
        taken = {id(notice) for group in gathered for notice in group}
        made += [_alone(notice) for notice in waiting if id(notice) not in taken]
        for group in gathered:
            together = "\n".join(sorted(notice.key for notice in group))
            key = f"gathered/person:{person_id}/{hashlib.sha256(together.encode()).hexdigest()}"
            made.append(Message(key, person_id, tuple(group), gathered=True))
    for person_id, waiting in digests.items():
        made.append(Message(digest_key(person_id, today), person_id, tuple(waiting), gathered=True))
    return made


def alike(notice: Notice) -> Hashable:
    """What letters that wait for one reader have in common, where they are one letter.

    What is about one subject; of kinds that are `listed`, what says the same of different ones.
    """
    kind = KINDS.get(notice.kind)
    if kind is not None and kind.listed:
        return notice.kind, json.dumps(notice.facts, sort_keys=True)
    return notice.subject_kind, notice.subject_id


def _alike(notices: Iterable[Notice]) -> list[list[Notice]]:
    groups: dict[Hashable, list[Notice]] = defaultdict(list)
    for notice in notices:
        groups[alike(notice)].append(notice)
    return list(groups.values())


def _alone(notice: Notice) -> Message:
    return Message(notice.key, notice.person_id, (notice,))


@dataclass(frozen=True)
class DeliveryResult:
    """What became of some notices. `certain_again`: of those no copy can have arrived, as far as we know.

    `not_handed_over`: they were marked as under way, and it did not come to that: it was no try.
    """

    ids: tuple[int, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    certain_again: frozenset[int] = frozenset()
    not_handed_over: bool = False


def _free(state: NoticeState) -> dict[str, Any]:
    return {"state": state, "lease_owner": None, "lease_until": None}


def _certain(message: Message) -> frozenset[int]:
    """The notices of which no copy can have arrived before this try."""
    return frozenset(one.id for one in message.notices if one.id is not None and not one.uncertain)


def untried(ids: tuple[int, ...]) -> DeliveryResult:
    """Given back as they were."""
    return DeliveryResult(ids, _free(NoticeState.PENDING))


def put_back(message: Message) -> DeliveryResult:
    """Marked as under way, and given back as it was before: its turn did not come."""
    return DeliveryResult(
        message.ids, _free(NoticeState.PENDING), certain_again=_certain(message), not_handed_over=True
    )


def sent(group: Sequence[Message], now: datetime) -> DeliveryResult:
    """The server said 250 to each of a group that ended at `now`: one moment, so one statement notes it."""
    values = {**_free(NoticeState.SENT), "sent_at": now, "last_error": None}
    return DeliveryResult(
        tuple(one for message in group for one in message.ids),
        values,
        certain_again=frozenset(one for message in group for one in _certain(message)),
    )


def ended(message: Message, ids: tuple[int, ...], state: NoticeState, reason: str) -> DeliveryResult:
    """Parked for a person, or dead because its cause is gone; `reason` is a code."""
    return DeliveryResult(ids, {**_free(state), "last_error": reason}, certain_again=_certain(message))


def put_off(notice: Notice, reason: str, until: datetime) -> DeliveryResult:
    """Its reader can't be written to for now; `reason` is a code."""
    return DeliveryResult(
        (notice.id or 0,), {**_free(NoticeState.PENDING), "last_error": reason, "not_before": until}
    )


def again(
    message: Message, code: str, *, uncertain: bool, rules: Mail, now: datetime, rng: random.Random
) -> DeliveryResult:
    """Another try, later each time; parked once it was tried as often and for as long as the policy says.

    As often *and* as long: a day on which Steward itself was off uses up nobody's tries.
    """
    tries = max(notice.attempts for notice in message.notices) + 1
    age = (now - min(notice.created_at for notice in message.notices)).total_seconds()
    certain = frozenset[int]() if uncertain else _certain(message)
    if tries >= rules.attempts and age >= rules.give_up_after_seconds:
        values = {**_free(NoticeState.PARKED), "last_error": f"given up: {code}"}
        return DeliveryResult(message.ids, values, certain_again=certain)
    wait = min(rules.retry_longest_seconds, rules.retry_first_seconds * 2.0 ** min(tries - 1, 30))
    spread = 1 + rules.retry_jitter_share * rng.uniform(-1, 1)
    values = {
        **_free(NoticeState.PENDING),
        "last_error": code,
        "not_before": now + timedelta(seconds=wait * spread),
    }
    return DeliveryResult(message.ids, values, certain_again=certain)
