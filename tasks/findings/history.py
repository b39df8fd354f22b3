"""How accounts and people stood with each control on a day that is over: from history, not from today.

A day is answered as the end of it left it: which accounts were live says the audit chain, what was found
and not yet mended say the findings, and the policy is the one that was in use that day. What happened later
changes nothing of it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import col

from policy.controls import Rule, SanctionOf
from policy.controls.leave import OnLeave
from policy.model import Policy
from policy.selects import runs_on, start_of
from schemas.accounts import Access, Account, AccountChange
from schemas.errors import BadInput
from schemas.findings import Finding
from schemas.leave import Leave
from schemas.machinery import AuditEntry
from schemas.states import AccessState, AccountState, LeaveState, State
from schemas.words import Changed, SubjectKind
from tasks.store import adopted
from tasks.store.session import Session


@dataclass(frozen=True)
class Stood:
    """How it stood with one control at the end of a day.

    `accounts`: the live ones that it spoke of; of these `held`, `violated`, and `excepted`: that no finding
    could suspend. `people`: who had access to one of them, and how many of these it was found about by name;
    of a control for leave, `people_excepted` had leave on that day. None where it counts no such thing.
    """

    control: str
    accounts: int | None = None
    held: int | None = None
    violated: int | None = None
    excepted: int | None = None
    people: int | None = None
    people_violating: int | None = None
    people_excepted: int | None = None


def end_of(day: date, policy: Policy, today: date) -> datetime:
    """The instant at which a day of the division's zone is over. Raises BadInput for a day to come."""
    if day > today:
        raise BadInput(f"{day} is still to come: give a day that is over, or today.")
    return start_of(day + timedelta(days=1), policy.zone)


async def policy_of(session: Session, used: Policy, day: date, today: date) -> Policy:
    """The policy that was in use at the end of a day, with the modes that people had set; `used` is today's.

    Raises BadInput for a day to come, Unknown where none was adopted by then, BadPolicy.
    """
    return await adopted.as_of(session, end_of(day, used, today), day) or used


async def stood(session: Session, policy: Policy, day: date, today: date) -> dict[str, Stood]:
    """How it stood with each control of that day's policy at the end of the day. Nothing is written.

    Raises BadInput for a day to come.
    """
    then = end_of(day, policy, today)
    exempt = await _exempt(session, day, then)
    found = {one.name: await _of_rule(session, one, policy, then, exempt) for one in policy.rules()}
    for control in policy.of(OnLeave):
        leave = _were(SubjectKind.LEAVE, LeaveState.GRANTED, then)
        asked = select(func.count(col(Leave.person_id).distinct())).where(
            col(Leave.id).in_(leave),
            col(Leave.under) == control.name,
            runs_on(Leave, day),
        )
        count = (await session.run(asked)).scalar_one()
        found[control.name] = Stood(control.name, people_excepted=int(count))
    return found


def _were(kind: SubjectKind, state: State, then: datetime) -> Select[*tuple[int]]:
    """The numbers of the subjects of a kind whose latest change of state before that instant led there."""
    latest = (
        select(func.max(col(AuditEntry.seq)))
        .where(
            col(AuditEntry.subject_kind) == kind,
            col(AuditEntry.to_state).is_not(None),
            col(AuditEntry.at) < then,
        )
        .group_by(col(AuditEntry.subject_id))
    )
    return select(col(AuditEntry.subject_id)).where(
        col(AuditEntry.seq).in_(latest), col(AuditEntry.to_state) == state.value
    )


async def _of_rule(
    session: Session, rule: Rule, policy: Policy, then: datetime, exempt: frozenset[int]
) -> Stood:
    spoken = select(col(Account.id)).where(
        col(Account.id).in_(_were(SubjectKind.ACCOUNT, AccountState.LIVE, then)), rule.scope(policy)
    )
    accounts = int((await session.run(select(func.count()).select_from(spoken.subquery()))).scalar_one())
    open_then: ColumnElement[bool] = and_(
        col(Finding.control) == rule.name,
        col(Finding.opened_at) < then,
        or_(col(Finding.resolved_at).is_(None), col(Finding.resolved_at) >= then),
        col(Finding.account_id).in_(spoken),
    )
    counted = select(
        func.count(col(Finding.account_id).distinct()),
        func.count(func.nullif(col(Finding.person_id), 0).distinct()),
    ).where(open_then)
    violated, violating = (await session.run(counted)).one()
    people = select(func.count(col(Access.person_id).distinct())).where(
        col(Access.id).in_(_were(SubjectKind.ACCESS, AccessState.GRANTED, then)),
        col(Access.account_id).in_(spoken),
    )
    sanction = policy.sanction_of(rule.name)
    excepted = None
    if sanction is not None and sanction.suspend is SanctionOf.ACCOUNT:
        ours = spoken.where(
            or_(col(Account.id).in_(exempt), col(Account.platform).in_(policy.never_suspended()))
        )
        excepted = int((await session.run(select(func.count()).select_from(ours.subquery()))).scalar_one())
    return Stood(
        rule.name,
        accounts,
        accounts - int(violated),
        int(violated),
        excepted,
        int((await session.run(people)).scalar_one()),
        int(violating),
    )


async def _exempt(session: Session, day: date, then: datetime) -> frozenset[int]:
    """The accounts that no finding could suspend on a day: what was set before then, from later changes."""
    now = await session.run(
        select(col(Account.id), col(Account.never_suspended_until)).where(
            col(Account.never_suspended_until).is_not(None)
        )
    )
    until: dict[int, date | None] = {row.id: row.never_suspended_until for row in now}
    later = await session.run(
        select(col(AccountChange.account_id), col(AccountChange.before))
        .where(col(AccountChange.what) == Changed.EXEMPTION, col(AccountChange.changed_at) >= then)
        .order_by(col(AccountChange.id).desc())
    )
    for row in later:  # the last one read is the first after that day: what stood before it stood then
        until[row.account_id] = date.fromisoformat(row.before) if row.before else None
    return frozenset(account for account, last in until.items() if last is not None and last >= day)
