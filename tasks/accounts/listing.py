"""Accounts as people look at them: a list, one account with all that is known of it, its time line."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, func, or_, select, text
from sqlmodel import col
from sqlmodel import select as of_model

from policy.model import Policy
from schemas.accounts import Access, Account, AccountChange
from schemas.evidence import Rotation
from schemas.findings import Finding
from schemas.machinery import ActionItem, AuditEntry
from schemas.people import Person, School
from schemas.words import ItemState, SubjectKind
from tasks.accounts.looked_at import PageShown, page_shown
from tasks.accounts.suspended import SuspensionShown, its_suspension
from tasks.store import lookup
from tasks.store.lookup import full_name
from tasks.store.page import Page, first_lines
from tasks.store.session import Session


@dataclass(frozen=True)
class Listed:
    """An account as a line of a list. `school` is None for an account of the whole division."""

    account: int
    handle: str
    platform: str
    level: str
    school: int | None
    school_name: str | None
    state: str
    address: str | None


@dataclass(frozen=True)
class Wanted:
    """Which accounts: None is any. `school` is a name or a number, as people give it, `handle` a part.

    `or_none`: those of no school too, which are the division's.
    """

    state: str | None = None
    level: str | None = None
    platform: str | None = None
    school: str | None = None
    handle: str | None = None
    or_none: bool = False


async def list_accounts(session: Session, wanted: Wanted, at_most: int | None) -> Page[Listed]:
    """The accounts that somebody approved, by number. Raises Unknown for a school that is not there."""
    asked: Select[*tuple[Any, ...]] = (
        select(
            col(Account.id).label("account"),
            col(Account.handle),
            col(Account.platform),
            col(Account.level),
            col(Account.school_id).label("school"),
            col(School.name).label("school_name"),
            col(Account.state),
            col(Account.address),
        )
        .outerjoin(School, col(School.id) == col(Account.school_id))
        .order_by(col(Account.id))
    )
    for column, value in (
        (Account.state, wanted.state),
        (Account.level, wanted.level),
        (Account.platform, wanted.platform),
    ):
        if value is not None:
            asked = asked.where(col(column) == value)
    if wanted.school is not None:
        its = col(Account.school_id) == (await lookup.school(session, wanted.school)).id
        asked = asked.where(or_(its, col(Account.school_id).is_(None)) if wanted.or_none else its)
    if wanted.handle is not None:
        asked = asked.where(func.lower(col(Account.handle)).contains(wanted.handle.lower(), autoescape=True))
    return await first_lines(session, asked, at_most, Listed)


@dataclass(frozen=True)
class AccessShown:
    """Somebody's access to an account. `suspended_for`: what it is suspended for, else None."""

    access: int
    person: int
    name: str
    position: str
    role: str
    state: str
    state_since: datetime
    suspended_for: str | None
    ends_on: date | None


@dataclass(frozen=True)
class ChangeShown:
    """What it was before somebody changed it. `changed_by`: the person."""

    what: str
    before: str
    changed_at: datetime
    changed_by: int
    reason: str


@dataclass(frozen=True)
class FindingShown:
    """An open finding about an account; `person` is None where it is about the account alone.

    `due_on`: by when people are asked to mend it; before they are `asked`, by when they will be.
    """

    finding: int
    control: str
    clause: str
    person: int | None
    due_on: date
    detail: str
    asked: bool = False


@dataclass(frozen=True)
class Shown:
    """One account with all that is known of it."""

    account: int
    handle: str
    platform: str
    channel: str
    level: str
    school: int | None
    school_name: str | None
    purpose: str
    state: str
    state_since: datetime
    live_since: datetime | None
    address: str | None
    notice_address: str | None
    platform_id: str | None
    custody: str
    vault_reference: str | None
    password_changed_at: datetime | None
    custodian_is_administrator: bool
    training_required: bool | None
    reported_at: datetime | None
    reported_by: int | None
    suspension: SuspensionShown | None
    closes_on: date | None
    never_suspended_until: date | None
    page: PageShown | None
    accesses: tuple[AccessShown, ...]
    findings: tuple[FindingShown, ...]
    changes: tuple[ChangeShown, ...]


#: What an account was called, and where it was, before.
_FORMER = (
    of_model(AccountChange)
    .where(col(AccountChange.account_id) == bindparam("account"))
    .order_by(col(AccountChange.id))
)


@cache
def _accesses() -> Select[*tuple[Any, ...]]:
    """An account's accesses, with their people, and when its password last changed; made once.

    One row without an access where there is none.
    """
    changed = select(func.max(col(Rotation.rotated_at))).where(
        col(Rotation.account_id) == bindparam("account")
    )
    return (
        select(
            changed.scalar_subquery().label("password_changed_at"),
            col(Access.id).label("access"),
            col(Person.id).label("person"),
            full_name(Person),
            col(Person.position),
            col(Access.role),
            col(Access.state),
            col(Access.state_since),
            col(Access.suspended_for),
            col(Access.ends_on),
        )
        .select_from(Account)
        .outerjoin(Access, col(Access.account_id) == col(Account.id))
        .outerjoin(Person, col(Access.person_id) == col(Person.id))
        .where(col(Account.id) == bindparam("account"))
        .order_by(col(Access.id))
    )


@cache
def _findings() -> Select[*tuple[Any, ...]]:
    """The open findings about an account. What people are asked, and reminded of, is the day of the item."""
    asked = (
        select(func.min(col(ActionItem.due_on)))
        .where(
            col(ActionItem.subject_kind) == SubjectKind.FINDING,
            col(ActionItem.subject_id) == col(Finding.id),
            col(ActionItem.state) == ItemState.OPEN,
        )
        .scalar_subquery()
    )
    due_on = func.coalesce(asked, col(Finding.due_on))
    return (
        select(
            *(col(Finding.id).label("finding"), col(Finding.control)),
            func.nullif(col(Finding.person_id), 0).label("person"),
            *(due_on.label("due_on"), col(Finding.detail), asked.is_not(None).label("asked")),
        )
        .where(col(Finding.account_id) == bindparam("account"), col(Finding.resolved_at).is_(None))
        .order_by(text("due_on"), col(Finding.id))
    )


async def show_account(session: Session, policy: Policy, known_as: str) -> Shown:
    """The account of this number or handle. Raises Unknown."""
    account = await lookup.account(session, known_as)
    school = await session.get(School, account.school_id) if account.school_id is not None else None
    its = {"account": account.id}
    accesses = [dict(row) for row in (await session.run(_accesses(), its)).mappings()]
    changed = [one.pop("password_changed_at") for one in accesses]
    findings = (await session.run(_findings(), its)).mappings()
    changes = (await session.exec(_FORMER, params=its)).all()
    return Shown(
        account=account.id or 0,
        handle=account.handle,
        platform=str(account.platform),
        channel=str(account.channel),
        level=str(account.level),
        school=account.school_id,
        school_name=school.name if school else None,
        purpose=account.purpose,
        state=str(account.state),
        state_since=account.state_since,
        live_since=account.live_since,
        address=account.address,
        notice_address=account.notice_address,
        platform_id=account.platform_id,
        custody=str(account.custody),
        vault_reference=account.vault_reference,
        password_changed_at=changed[0],
        custodian_is_administrator=account.custodian_is_administrator,
        training_required=account.training_required,
        reported_at=account.reported_at,
        reported_by=account.reported_by_id,
        suspension=await its_suspension(session, policy, account),
        closes_on=account.closes_on,
        never_suspended_until=account.never_suspended_until,
        page=await page_shown(session, account.id or 0),
        accesses=tuple(AccessShown(**one) for one in accesses if one["access"] is not None),
        findings=tuple(FindingShown(clause=policy.number_of(one["control"]), **one) for one in findings),
        changes=tuple(
            ChangeShown(one.what.value, one.before, one.changed_at, one.changed_by_id, one.reason)
            for one in changes
        ),
    )


@dataclass(frozen=True)
class Entry:
    """One entry of the audit chain. `actor` is the person who did it; None is Steward."""

    entry: int
    at: datetime
    subject_kind: str
    subject: int
    from_state: str | None
    to_state: str | None
    control: str
    clause: str
    cause: str
    actor: int | None
    actor_name: str | None
    via: str


@cache
def _entries() -> Select[*tuple[Any, ...]]:
    """The entries about an account and the accesses to it; made once, since it takes its time."""
    kind, subject = col(AuditEntry.subject_kind), col(AuditEntry.subject_id)
    its: BindParameter[int] = bindparam("account")
    accesses = select(col(Access.id)).where(col(Access.account_id) == its)
    return (
        select(
            col(AuditEntry.seq).label("entry"),
            col(AuditEntry.at),
            kind,
            subject.label("subject"),
            col(AuditEntry.from_state),
            col(AuditEntry.to_state),
            col(AuditEntry.control),
            col(AuditEntry.cause),
            col(AuditEntry.actor_id).label("actor"),
            full_name(Person, "actor_name"),
            col(AuditEntry.via),
        )
        .outerjoin(Person, col(Person.id) == col(AuditEntry.actor_id))
        .where(
            or_(
                and_(kind == SubjectKind.ACCOUNT, subject == its),
                and_(kind == SubjectKind.ACCESS, subject.in_(accesses)),
            )
        )
        .order_by(col(AuditEntry.seq))
    )


async def timeline(session: Session, policy: Policy, known_as: str) -> tuple[Entry, ...]:
    """What the audit chain says of an account and the accesses to it, the oldest first. Raises Unknown."""
    account = await lookup.account(session, known_as)
    rows = await session.run(_entries(), {"account": account.id})
    return tuple(Entry(clause=policy.number_of(row["control"]), **row) for row in rows.mappings())
