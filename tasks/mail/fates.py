"""What can become of notices, as the columns that say so. Pure; the outbox writes them down."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from policy.model import Mail
from schemas.notices import NoticeState
from tasks.mail.parcel import Parcel


@dataclass(frozen=True)
class Fate:
    """What became of some notices. `certain_again`: of those no copy can have arrived, as far as we know.

    `not_handed_over`: they were marked as under way, and it did not come to that: it was no try.
    """

    ids: tuple[int, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    certain_again: frozenset[int] = frozenset()
    not_handed_over: bool = False


def _free(state: NoticeState) -> dict[str, Any]:
    return {"state": state, "lease_owner": None, "lease_until": None}


def _certain(parcel: Parcel) -> frozenset[int]:
    """The notices of which no copy can have arrived before this try."""
    return frozenset(one.id for one in parcel.notices if one.id is not None and not one.uncertain)


def untried(ids: tuple[int, ...]) -> Fate:
    """Given back as they were."""
    return Fate(ids, _free(NoticeState.PENDING))


def put_back(parcel: Parcel) -> Fate:
    """Marked as under way, and given back as it was before: its turn did not come."""
    return Fate(parcel.ids, _free(NoticeState.PENDING), certain_again=_certain(parcel), not_handed_over=True)


def sent(parcels: Sequence[Parcel], now: datetime) -> Fate:
    """The server said 250 to each of a group that ended at `now`: one moment, so one statement notes it."""
    values = {**_free(NoticeState.SENT), "sent_at": now, "last_error": None}
    return Fate(
        tuple(one for parcel in parcels for one in parcel.ids),
        values,
        certain_again=frozenset(one for parcel in parcels for one in _certain(parcel)),
    )


def ended(parcel: Parcel, ids: tuple[int, ...], state: NoticeState, reason: str) -> Fate:
    """Parked for a person, or dead because its cause is gone; `reason` is a code."""
    return Fate(ids, {**_free(state), "last_error": reason}, certain_again=_certain(parcel))


def again(
    parcel: Parcel, code: str, *, uncertain: bool, rules: Mail, now: datetime, rng: random.Random
) -> Fate:
    """Another try, later each time; parked once it was tried as often and for as long as the policy says.

    As often *and* as long: a day on which Steward itself was off uses up nobody's tries.
    """
    tries = max(notice.attempts for notice in parcel.notices) + 1
    age = (now - min(notice.created_at for notice in parcel.notices)).total_seconds()
    certain = frozenset[int]() if uncertain else _certain(parcel)
    if tries >= rules.attempts and age >= rules.give_up_after_seconds:
        values = {**_free(NoticeState.PARKED), "last_error": f"given up: {code}"}
        return Fate(parcel.ids, values, certain_again=certain)
    wait = min(rules.retry_longest_seconds, rules.retry_first_seconds * 2.0 ** min(tries - 1, 30))
    spread = 1 + rules.retry_jitter_share * rng.uniform(-1, 1)
    values = {
        **_free(NoticeState.PENDING),
        "last_error": code,
        "not_before": now + timedelta(seconds=wait * spread),
    }
    return Fate(parcel.ids, values, certain_again=certain)
