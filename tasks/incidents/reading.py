"""A report as somebody may read it: who decides, whom it is about, who made it; each their part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy import select as columns
from sqlmodel import col, select

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.errors import NotAllowed
from schemas.incidents import Incident
from schemas.people import Person
from schemas.states import AccessState, AccountState, IncidentState
from schemas.words import IncidentVerdict, Via
from tasks.acts.context import ActContext
from tasks.incidents.reporting import CONCERNED, IncidentForm, decides
from tasks.store.audit import Actor
from tasks.store.session import Session

_AT_MOST = 100


@dataclass(frozen=True)
class IncidentRead:
    """A report. What a reader may not see is empty: who made it sees neither the answer nor the decision.

    `called`: what people call the account. `decides`, `concerned`: what the reader is to it. Days are
    those of the division's zone.
    """

    incident: int
    rule: str
    tells: str
    state: IncidentState
    account: int | None
    decides: bool
    concerned: bool
    person: str = ""
    answer_by: date | None = None
    answer: str = ""
    verdict: str = ""
    because: str = ""
    appeal_by: date | None = None
    appeal: str = ""
    appeal_verdict: str = ""
    appeal_because: str = ""
    outside: str = ""
    called: str = ""


async def incident_for(
    session: Session, policy: Policy, person: int, number: int, now: datetime
) -> IncidentRead | None:
    """The report as this person may read it; None for everybody who has nothing to do with it."""
    row = await session.get(Incident, number)
    if row is None:
        return None
    at = await session.get(Account, row.account_id) if row.account_id is not None else None
    called = policy.says_account(at.platform, at.handle) if at is not None else ""
    context = ActContext(session, policy, policy.calendar, Actor(person, Via.PORTAL), now)
    form = IncidentForm(actor=str(person), incident=number)
    try:
        may_decide = await decides(context, form) is not None
    except NotAllowed:
        may_decide = False
    concerned = await CONCERNED.test(context, form) is not None
    if not (may_decide or concerned):
        if row.reported_by_id != person:
            return None
        return IncidentRead(
            number, row.rule, row.tells, row.state, row.account_id, False, False, called=called
        )
    whom = await session.get(Person, row.person_id) if row.person_id is not None else None
    return IncidentRead(
        number,
        row.rule,
        row.tells,
        row.state,
        row.account_id,
        may_decide,
        concerned,
        person=whom.name if whom is not None else "",
        answer_by=row.answer_by,
        answer=row.answer or "",
        verdict=str(row.verdict or ""),
        because=row.decided_because or "",
        appeal_by=row.appeal_by,
        appeal=row.appeal or "",
        appeal_verdict=str(row.appeal_verdict or ""),
        appeal_because=row.appeal_because or "",
        outside=row.outside,
        called=called,
    )


async def incidents_for(
    session: Session, policy: Policy, person: int, now: datetime
) -> Sequence[IncidentRead]:
    """Those of the newest reports that this person may read, the newest first."""
    asked = select(Incident.id).order_by(col(Incident.id).desc()).limit(_AT_MOST)
    numbers = (await session.exec(asked)).all()
    found = [await incident_for(session, policy, person, one or 0, now) for one in numbers]
    return [one for one in found if one is not None]


@dataclass(frozen=True)
class DecidedOn:
    """What was decided on a report about somebody, for as long as it is not closed.

    `appeal_by`: the last day to appeal; None where nobody decides appeals. `appealed`: they did.
    """

    incident: int
    verdict: str
    appeal_by: date | None
    appealed: bool


#: Of one person's reports, those that are decided and may be appealed, or were.
_DECIDED: Select[*tuple[Any, ...]] = (
    columns(col(Incident.id), col(Incident.verdict), col(Incident.appeal_by), col(Incident.state))
    .where(
        col(Incident.person_id) == bindparam("person"),
        col(Incident.state).in_((IncidentState.DECIDED, IncidentState.APPEALED)),
    )
    .order_by(col(Incident.id).desc())
)


async def decided_about(session: Session, person: int) -> Sequence[DecidedOn]:
    """What was decided on reports about this person, and can be appealed or is; the newest first."""
    rows = await session.run(_DECIDED, {"person": person})
    return [
        DecidedOn(one.id, str(one.verdict), one.appeal_by, one.state is IncidentState.APPEALED)
        for one in rows
    ]


async def possible_verdicts(
    session: Session, policy: Policy, person: int, number: int, now: datetime
) -> frozenset[str] | None:
    """What can be decided on the report as things stand; None for who does not decide on it."""
    read = await incident_for(session, policy, person, number, now)
    if read is None or not read.decides:
        return None
    row = await session.get_one(Incident, number)
    account = await session.get(Account, row.account_id) if row.account_id is not None else None
    found = {IncidentVerdict.NO_VIOLATION, IncidentVerdict.WARN}
    if account is not None:
        theirs = select(Access.state).where(
            col(Access.account_id) == row.account_id, col(Access.person_id) == row.person_id
        )
        if set((await session.exec(theirs)).all()) - {AccessState.REVOKED}:
            found.add(IncidentVerdict.TAKE_ACCESS)
        if account.state is AccountState.LIVE:
            found.add(IncidentVerdict.SUSPEND)
        if account.state is not AccountState.CLOSED:
            found.add(IncidentVerdict.CLOSE)
    return frozenset(one.value for one in found)
