"""The facts of accounts whose findings may lead to suspension: a few statements, however many."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlmodel import col

from policy.authority import custodians, looking
from policy.controls.approval import Approval
from policy.controls.custody import Custody, custody_is_shown
from policy.model import Policy
from policy.notices.findings import SuspensionAhead
from policy.seen import is_seen
from policy.selects import runs_on
from schemas.accounts import Access, Account
from schemas.facts import Keeper, SuspensionFacts, Violation
from schemas.findings import Finding, Suspension
from schemas.machinery import ActionItem, Notice
from schemas.outcome import RoleAt
from schemas.people import Absence, Person, Role
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, ItemKind, ItemState, SubjectKind
from tasks.store.given import IDS, TODAY, among
from tasks.store.session import Session
from tasks.suspension.candidates import by_steward, is_asked_for, is_exempt, is_late

#: Items that a suspension, or its end, settles.
_ABOUT = (ItemKind.MEND_FINDING, ItemKind.TAKE_HOLD, ItemKind.DECIDE_REINSTATEMENT)


def _findings(policy: Policy, today: date) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Finding.id),
            col(Finding.account_id),
            col(Finding.control),
            col(Finding.person_id),
            col(Finding.resolved_at),
            is_late(policy, today).label("late"),
            col(Finding.due_on),
            is_seen(policy).label("seen"),
        )
        .where(
            among(col(Finding.account_id), IDS),
            or_(col(Finding.resolved_at).is_(None), is_asked_for()),
        )
        .order_by(col(Finding.id))
    )


def _accounts(policy: Policy) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Account.id),
            col(Account.state),
            col(Account.version),
            col(Account.level),
            col(Account.school_id),
            is_exempt(policy, TODAY).label("exempt"),
            col(Account.never_suspended_until),
            custody_is_shown(policy).label("shown"),
            col(Suspension.suspended_at),
        )
        .outerjoin(
            Suspension,
            and_(
                col(Suspension.account_id) == col(Account.id),
                col(Suspension.ended_at).is_(None),
                by_steward(),
            ),
        )
        .where(among(col(Account.id), IDS))
        .order_by(col(Account.id))
    )


async def suspension_facts(
    session: Session, account_ids: Collection[int], policy: Policy, today: date
) -> tuple[SuspensionFacts, ...]:
    """The facts of these accounts on `today`, a day of the division's zone; in the order of their numbers."""
    if not account_ids:
        return ()
    of = {"ids": list(account_ids), "today": today}
    findings = await session.rows(_findings(policy, today), of)
    asked, mended, mend_by, asked_at = await _items(session, account_ids, findings)
    told = await _told(session, account_ids)
    violations: dict[int, list[Violation]] = defaultdict(list)
    for row in findings:
        if row.resolved_at is None:
            day = mend_by.get(row.id)
            sent = None if day is None else told.get((row.id, day.isoformat()))
            violations[row.account_id].append(
                Violation(
                    row.id,
                    row.control,
                    row.person_id,
                    day,
                    sent,
                    bool(row.seen),
                    None if row.late else row.due_on,
                    asked_at.get(row.id),
                )
            )
    people = await _people(session, account_ids, today)
    these = policy.once(("accounts with findings",), lambda: _accounts(policy))
    accounts = await session.rows(these, of)
    schools = {row.school_id for row in accounts if row.school_id is not None}
    holders = await _holders(session, policy, schools, today)
    found = []
    for row in accounts:
        account, level, school = row.id, row.level, row.school_id
        administering = people.administering.get(account, set())
        reaching: set[int] = set()
        if row.shown:
            offices = custodians(policy, level, school)
            reaching = set[int]().union(*(holders[one] for one in offices)) - people.cut_off[account]
        found.append(
            SuspensionFacts(
                account_id=account,
                account_state=AccountState(row.state),
                version=row.version,
                level=level,
                school_id=school,
                custodians=tuple(sorted(reaching)),
                administrators=tuple(people.keepers[account]),
                violations=tuple(violations[account]),
                mended=tuple(mended[account]),
                asked=frozenset(asked[account]),
                suspended_at=row.suspended_at,
                never_suspended=bool(row.exempt),
                exempt_through=row.never_suspended_until,
                is_shown=bool(row.shown),
                onlookers=tuple(
                    [one for one in looking(policy, level, school) if holders[one] - administering]
                ),
            )
        )
    return tuple(found)


#: Everybody whose access to some accounts is not revoked, and whether they are away.
_ACCESSES = (
    select(
        col(Access.account_id),
        col(Access.person_id),
        col(Access.id),
        col(Access.version),
        col(Access.role),
        col(Access.state),
        col(Person.active),
        exists()
        .where(
            col(Absence.person_id) == col(Access.person_id),
            runs_on(Absence, TODAY),
        )
        .label("away"),
    )
    .join(Person, col(Person.id) == col(Access.person_id))
    .where(among(col(Access.account_id), IDS), col(Access.state) != AccessState.REVOKED)
    .order_by(col(Access.person_id))
)
#: Who is here and holds an office of these kinds today, at the division or at one of these schools.
_HOLDERS = (
    select(col(Role.kind), col(Role.school_id), col(Role.person_id))
    .join(Person, col(Person.id) == col(Role.person_id))
    .where(
        among(col(Role.kind), "kinds"),
        or_(col(Role.school_id).is_(None), among(col(Role.school_id), "schools")),
        runs_on(Role, TODAY),
        col(Person.active),
    )
)
#: The open items of findings and accounts that a suspension, or its end, settles.
_ITEMS = (
    select(
        col(ActionItem.key),
        col(ActionItem.subject_kind),
        col(ActionItem.subject_id),
        col(ActionItem.due_on),
        col(ActionItem.opened_at),
    )
    .where(
        col(ActionItem.state) == ItemState.OPEN,
        col(ActionItem.kind).in_(_ABOUT),
        or_(
            and_(
                col(ActionItem.subject_kind) == SubjectKind.FINDING,
                among(col(ActionItem.subject_id), "findings"),
            ),
            and_(col(ActionItem.subject_kind) == SubjectKind.ACCOUNT, among(col(ActionItem.subject_id), IDS)),
        ),
    )
    .order_by(col(ActionItem.key))
)
#: The letters that announced a suspension and left, the first of them last.
_ANNOUNCED = (
    select(col(Notice.facts), col(Notice.sent_at))
    .where(
        col(Notice.kind) == SuspensionAhead.kind,
        col(Notice.subject_kind) == SubjectKind.ACCOUNT,
        among(col(Notice.subject_id), IDS),
        col(Notice.sent_at).is_not(None),
    )
    .order_by(col(Notice.sent_at).desc())
)


@dataclass(frozen=True)
class _People:
    """By account: who has granted access and is here; whose is suspended; who is named to administer it."""

    keepers: Mapping[int, list[Keeper]]
    cut_off: Mapping[int, set[int]]
    administering: Mapping[int, set[int]]


async def _people(session: Session, account_ids: Collection[int], today: date) -> _People:
    found = _People(defaultdict(list), defaultdict(set), defaultdict(set))
    rows = await session.run(_ACCESSES, {"ids": list(account_ids), "today": today})
    these: Sequence[Any] = rows.all()
    for account, person, number, version, role, state, active, away in these:
        if role is AccessRole.ADMINISTRATOR:
            found.administering[account].add(person)
        if state is AccessState.SUSPENDED:
            found.cut_off[account].add(person)
        elif state is AccessState.GRANTED and active:
            found.keepers[account].append(Keeper(person, number, version, bool(away)))
    return found


async def _holders(
    session: Session, policy: Policy, schools: Collection[int], today: date
) -> dict[RoleAt, set[int]]:
    """Who is here and holds an office that must be able to reach accounts or may look at them, by office."""
    kinds = {
        policy.duties.keeps_policy,
        *(one.office for one in policy.of(Custody)),
        *(office for one in policy.of(Approval) for office in (one.decided_by, one.otherwise)),
    }
    rows = await session.run(_HOLDERS, {"kinds": sorted(kinds), "schools": sorted(schools), "today": today})
    holders: dict[RoleAt, set[int]] = defaultdict(set)
    for row in rows:
        holders[RoleAt(row.kind, row.school_id)].add(row.person_id)
    return holders


async def _items(
    session: Session, account_ids: Collection[int], findings: Sequence[Any]
) -> tuple[dict[int, list[str]], dict[int, list[str]], dict[int, date], dict[int, datetime]]:
    """The keys of open items by account, and those whose finding is resolved; findings' days and moments."""
    of = {row.id: row for row in findings}
    rows = await session.run(_ITEMS, {"findings": list(of), "ids": list(account_ids)})
    asked: dict[int, list[str]] = defaultdict(list)
    mended: dict[int, list[str]] = defaultdict(list)
    mend_by: dict[int, date] = {}
    asked_at: dict[int, datetime] = {}
    for item in rows:
        if item.subject_kind == SubjectKind.ACCOUNT:
            asked[item.subject_id].append(item.key)
            continue
        finding = of[item.subject_id]
        asked[finding.account_id].append(item.key)
        if finding.resolved_at is None:
            mend_by[finding.id] = max(item.due_on, mend_by.get(finding.id, item.due_on))
            asked_at[finding.id] = max(item.opened_at, asked_at.get(finding.id, item.opened_at))
        else:
            mended[finding.account_id].append(item.key)
    return asked, mended, mend_by, asked_at


async def _told(session: Session, account_ids: Collection[int]) -> dict[tuple[int, str], datetime]:
    """When a mail server first took a notice that names a finding and its day, by both."""
    rows = await session.run(_ANNOUNCED, {"ids": list(account_ids)})
    return {(one, row.facts["mend_by"]): row.sent_at for row in rows for one in row.facts["finding_ids"]}
