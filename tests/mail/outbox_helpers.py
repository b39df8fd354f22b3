"""Filling and reading the outbox, and a clock that is moved by hand."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import select

from policy.notices import NoticeKind
from schemas.machinery import Notice
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import PersonKind
from tasks.store import Store
from tests.mail.mail_cases import NOW, division, notice


class Clock:
    """The time, moved by hand."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


async def fill(store: Store, notices: Iterable[Notice], crowd: int = 0) -> None:
    """The small division, `crowd` more people (from id 100), and these notices.

    Its account is live and its access has ended, so that news of both is no news of yesterday.
    """
    known = division()
    known.accounts[5].state, known.accesses[7].state = AccountState.LIVE, AccessState.REVOKED
    async with store.write() as session:
        for rows in (
            known.schools,
            known.people,
            {n: member(n) for n in range(100, 100 + crowd)},
            known.accounts,
            known.requests,
            known.decisions,
            known.accesses,
            known.items,
            known.checks,
            known.findings,
            known.changes,
            known.suspensions,
            known.brakes,
            known.enquiries,
            known.leaves,
            known.incidents,
            known.corrections,
            known.pages,
            known.contacts,
        ):
            session.add_all(list(rows.values()))
            await session.flush()
        session.add_all([*known.absences, *known.offices, *notices])


def member(number: int) -> Person:
    return Person(
        id=number,
        given_name="Member",
        family_name=f"Number {number}",
        email=f"member{number}@example.org",
        kind=PersonKind.STAFF,
        position="teacher",
        school_id=1,
    )


def many(kind: type[NoticeKind], people: Iterable[int], start: int = 1) -> list[Notice]:
    """One notice of a kind to each of these people."""
    return [notice(kind, number, to) for number, to in enumerate(people, start)]


async def outbox(store: Store) -> dict[int, Notice]:
    async with store.read() as session:
        return {one.id or 0: one for one in await session.exec(select(Notice))}
