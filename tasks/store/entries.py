"""Who did what, when, from where and in whose name: the audit chain's entries as a list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, func, not_, null, or_, select, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from policy.model import Policy
from schemas.accounts import Access, Account, AccountRequest
from schemas.columns import table_of
from schemas.incidents import Incident
from schemas.language import t
from schemas.machinery import AuditEntry
from schemas.people import Person, School
from schemas.words import SubjectKind, Via
from tasks.store.given import IDS, among
from tasks.store.page import Page, first
from tasks.store.session import Session


@dataclass(frozen=True)
class Asked:
    """Which entries: all that are named must hold. `since` and `until` are instants, the latter not in it.

    `person`: did it, or it was done in their name, or it is about them. `act`: a part of the entry's cause.
    `reader`: what was recorded of others' reports about them is left out. Where nobody knows who reads, as at
    a terminal, whoever reported something is not named, and is not found by who did it.
    """

    person: int | None = None
    account: int | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    via: str | None = None
    in_name_of: int | None = None
    reader: int | None = None


@dataclass(frozen=True)
class Listed:
    """One entry. `by_id` None is Steward; `user` is the operating system's name for who typed it, on `host`.

    `recorded_by_id`: who that is, where it is not `by`. Through Prefect's form it is somebody with its login.
    """

    entry: int
    at: datetime
    by_id: int | None
    by: str
    via: str
    user: str | None
    in_name_of_id: int | None
    in_name_of: str | None
    cause: str
    subject_kind: str
    subject: int
    from_state: str | None
    to_state: str | None
    control: str
    host: str | None = None
    recorded_by_id: int | None = None


def _naming(number: Any, *, person: bool = False, account: Any = None, name: Any = None) -> Select[Any]:
    """Number, and as far as there is one: the person's name, the account's handle and platform, a name."""
    nothing = null()
    return select(
        number.label("id"),
        (col(Person.given_name) if person else nothing).label("given_name"),
        (col(Person.family_name) if person else nothing).label("family_name"),
        (nothing if account is None else col(account.handle)).label("handle"),
        (nothing if account is None else col(account.platform)).label("platform"),
        (nothing if name is None else name).label("name"),
    ).where(among(number, IDS))


#: How each kind is named, by its number.
_CALLED: Mapping[str, Select[Any]] = {
    SubjectKind.PERSON: _naming(col(Person.id), person=True),
    SubjectKind.ACCOUNT: _naming(col(Account.id), account=Account),
    SubjectKind.REQUEST: _naming(col(AccountRequest.id), account=AccountRequest),
    SubjectKind.SCHOOL: _naming(col(School.id), name=col(School.name)),
    SubjectKind.ACCESS: _naming(col(Access.id), person=True, account=Account)
    .join(Account, col(Account.id) == col(Access.account_id))
    .join(Person, col(Person.id) == col(Access.person_id)),
}


async def list_entries(session: Session, asked: Asked, at_most: int | None) -> Page[Listed]:
    """The entries, the newest first."""
    actor, other = aliased(Person), aliased(Person)
    stood_in_for = col(AuditEntry.body)["in_name_of"].as_integer()
    rows, in_all = await first(
        session,
        select(
            *(col(AuditEntry.seq), col(AuditEntry.at), col(AuditEntry.actor_id)),
            *(col(actor.given_name), col(actor.family_name), col(AuditEntry.via)),
            *(col(AuditEntry.body), col(other.given_name), col(other.family_name)),
            *(col(AuditEntry.cause), col(AuditEntry.subject_kind), col(AuditEntry.subject_id)),
            *(col(AuditEntry.from_state), col(AuditEntry.to_state), col(AuditEntry.control)),
            _by_who_reported().label("by_who_reported"),
        )
        .outerjoin(actor, col(actor.id) == col(AuditEntry.actor_id))
        .outerjoin(other, col(other.id) == stood_in_for)
        .outerjoin(
            Incident,
            (col(AuditEntry.subject_kind) == SubjectKind.INCIDENT)
            & (col(Incident.id) == col(AuditEntry.subject_id)),
        )
        .where(*_conditions(asked, stood_in_for))
        .order_by(col(AuditEntry.seq).desc()),
        at_most,
    )
    listed = (
        (
            Listed(
                *(row[0], row[1], row[2]),
                _name(*row[2:6]),
                *(str(row[5]), _who_sent(row[5], row[6]), row[6].get("in_name_of")),
                f"{row[7]} {row[8]}" if row[7] is not None else None,
                *(row[9], str(row[10]), row[11], row[12], row[13], row[14]),
                *(row[6].get("host"), row[6].get("recorded_by")),
            ),
            asked.reader is None and row.by_who_reported,
        )
        for row in rows
    )
    return Page(tuple(_unnamed(one) if hidden else one for one, hidden in listed), in_all)


async def called(session: Session, policy: Policy, rows: Sequence[Listed]) -> Mapping[tuple[str, int], str]:
    """What people call the accounts, accesses, requests, people and schools that these entries are about."""
    numbers: dict[str, set[int]] = {}
    for one in rows:
        numbers.setdefault(one.subject_kind, set()).add(one.subject)
    found: dict[tuple[str, int], str] = {}
    for kind, named in _CALLED.items():
        if its := numbers.get(kind):
            for row in await session.run(named, {IDS: sorted(its)}):
                found[kind, row.id] = _words(row, policy)
    return found


def _words(row: Any, policy: Policy) -> str:
    person = f"{row.given_name} {row.family_name}" if row.given_name is not None else ""
    account = policy.says_account(row.platform, row.handle) if row.handle is not None else ""
    if person and account:
        return t("{person} at {account}", person=person, account=account)
    return person or account or str(row.name or "")


def _by_who_reported() -> ColumnElement[bool]:
    """Whether the person who reported something did this, of that report. NULL is no."""
    return col(Incident.reported_by_id) == col(AuditEntry.actor_id)


def _unnamed(one: Listed) -> Listed:
    nobody: Mapping[str, Any] = dict.fromkeys(
        ("by_id", "user", "host", "in_name_of_id", "in_name_of", "recorded_by_id")
    )
    return replace(one, by=t("who reported it"), **nobody)


def _name(number: int | None, given: str | None, family: str | None, via: str) -> str:
    if given is not None:
        return f"{given} {family}"
    if number is not None:
        return str(number)
    return t("somebody of the public") if via == Via.PORTAL else "Steward"


def _who_sent(via: str, body: Mapping[str, Any]) -> str | None:
    user: str | None = body.get("os_user")
    return t("somebody with Prefect's login") if via == Via.PREFECT_FORM else user


def _conditions(asked: Asked, stood_in_for: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
    kind, subject = col(AuditEntry.subject_kind), col(AuditEntry.subject_id)
    named = true() if asked.reader is not None else func.coalesce(_by_who_reported(), false()) == false()
    if asked.person is not None:
        yield or_(
            and_(col(AuditEntry.actor_id) == asked.person, named),
            and_(stood_in_for == asked.person, named),
            and_(kind == SubjectKind.PERSON, subject == asked.person),
        )
    if asked.account is not None:
        accesses = select(col(Access.id)).where(col(Access.account_id) == asked.account)
        requests = select(col(AccountRequest.id)).where(col(AccountRequest.account_id) == asked.account)
        yield or_(
            and_(kind == SubjectKind.ACCOUNT, subject == asked.account),
            and_(kind == SubjectKind.ACCESS, subject.in_(accesses)),
            and_(kind == SubjectKind.REQUEST, subject.in_(requests)),
        )
    if asked.act is not None:
        yield col(AuditEntry.cause).icontains(asked.act, autoescape=True)
    if asked.since is not None:
        yield col(AuditEntry.at) >= asked.since
    if asked.until is not None:
        yield col(AuditEntry.at) < asked.until
    if asked.via is not None:
        user = col(AuditEntry.body)["os_user"].as_string()
        door = cast(col(AuditEntry.via), String)
        yield or_(door.icontains(asked.via, autoescape=True), and_(user == asked.via, named))
    if asked.in_name_of is not None:
        yield and_(stood_in_for == asked.in_name_of, named)
    if asked.reader is not None:
        mine = reports_about(asked.reader)
        yield not_(and_(kind == SubjectKind.INCIDENT, subject.in_(mine)))


def reports_about(person: int) -> Select[tuple[int]]:
    """The numbers of what others reported of a person, who is never told who did."""
    table = table_of(Incident)
    return select(table.c.id).where(table.c.person_id == person, table.c.reported_by_id != person)
