"""What must be true at the end, whatever was killed meanwhile: nothing lost, nothing doubled.

Counted on the store, on the mail server's files and in Prefect. Raises AssertionError with what does not fit.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from deployments.local.prefect_setup import ALIVE
from policy.model import Policy
from policy.notices.access import AccessGranted
from schemas.accounts import Access
from schemas.columns import table_of
from schemas.gates import Completion
from schemas.machinery import AuditEntry, Notice
from schemas.notices import NoticeState
from schemas.states import AccessState
from schemas.words import SubjectKind
from tasks.prefect.api import PrefectApi
from tasks.store import Store, verifying
from tests.faults import invariants
from tests.support.smtp_server import Received


def must(holds: bool, what: str) -> None:
    """Raises AssertionError unless it holds."""
    if not holds:
        raise AssertionError(what)


def inbox(kept: Path) -> list[Received]:
    """What the mail server kept, in the order of arrival."""
    found = [Received("", [], path.read_bytes()) for path in sorted(kept.glob("*.eml"))]
    for mail in found:
        mail.recipients = [str(one) for one in mail.message.get_all("Delivered-To", [])]
    return found


async def hold(
    store: Store, policy: Policy, people: Sequence[int], kept: Path, swept: datetime, api: PrefectApi
) -> dict[str, int]:
    """All of it; the counts."""
    head = await verifying.verify(store)
    mails = inbox(kept)
    before = invariants.Before(head.hash, frozenset())
    return {
        "audit entries, all verified": head.seq,
        **await each_once(store, people, mails),
        **await invariants.mail_is_as_promised(store, policy, before, mails),
        **await invariants.events_have_their_wake_ups(store),
        **await invariants.wake_ups_get_on(store, swept),
        **await runs_have_ended(api),
    }


async def each_once(store: Store, people: Sequence[int], mails: Sequence[Received]) -> dict[str, int]:
    """Each completion, each grant and each letter that says so: once, and none is missing."""
    wanted = set(people)
    done = Counter(await _column(store, col(Completion.person_id), col(Completion.person_id).in_(people)))
    must(done == Counter(wanted), f"completions: {(done - Counter(wanted)) + (Counter(wanted) - done)}")
    access = table_of(Access).c
    async with store.read() as session:
        rows = await session.rows(
            select(access.id, access.person_id, access.state, access.version).where(
                access.person_id.in_(people)
            )
        )
    must({row.person_id for row in rows} == wanted, "an access is missing")
    states = Counter((row.state, row.version) for row in rows)
    must(set(states) == {(AccessState.GRANTED, 2)}, f"accesses are {states}")
    mine = {row.id for row in rows}
    granted = Counter(
        number
        for number in await _column(
            store,
            col(AuditEntry.subject_id),
            col(AuditEntry.subject_kind) == SubjectKind.ACCESS,
            col(AuditEntry.to_state) == AccessState.GRANTED.value,
        )
        if number in mine
    )
    must(granted == Counter(mine), "an access was granted twice, or without an entry")
    letters = await _column(
        store,
        col(Notice.id),
        col(Notice.person_id).in_(people),
        col(Notice.kind) == AccessGranted().kind,
        col(Notice.state) == NoticeState.SENT,
    )
    must(len(letters) == len(wanted), f"{len(letters)} letters of {len(wanted)} left")
    arrived = {number for mail in mails for number in mail.notices}
    must(set(letters) <= arrived, "a letter that left did not arrive")
    return {"completions": len(done), "granted, each once": len(granted), "their letters": len(letters)}


async def runs_have_ended(api: PrefectApi) -> dict[str, int]:
    """No run looks alive that has no process, and none is late."""
    alive = await api.runs_in(ALIVE)
    must(alive == [], str([(run.name, run.state_name, run.worker) for run in alive]))
    states = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
    return {f"runs {state.lower()}": len(await api.runs_in([state])) for state in states}


async def _column(store: Store, wanted: Any, *where: Any) -> list[int]:
    async with store.read() as session:
        return list((await session.run(select(wanted).where(*where))).scalars())
