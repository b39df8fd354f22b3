"""What a batch of notices needs to be written: all that they name, in a dozen queries at most."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import func, inspect
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.accounts import Access, Account, AccountRequest, Decision
from schemas.columns import table_of
from schemas.errors import BadInput
from schemas.evidence import PageCheck
from schemas.machinery import ActionItem, Notice
from schemas.notice_facts import check
from schemas.people import Person, School
from schemas.standing import Finding, Suspension
from schemas.words import SubjectKind

Row = TypeVar("Row", bound=SQLModel)


@dataclass
class Known:
    """The rows that a batch names, by id. A request's decision stands under (request, revision)."""

    people: dict[int, Person] = field(default_factory=dict)
    schools: dict[int, School] = field(default_factory=dict)
    requests: dict[int, AccountRequest] = field(default_factory=dict)
    decisions: dict[tuple[int, int], Decision] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    accesses: dict[int, Access] = field(default_factory=dict)
    items: dict[int, ActionItem] = field(default_factory=dict)
    checks: dict[int, PageCheck] = field(default_factory=dict)
    latest_check: dict[int, PageCheck] = field(default_factory=dict)  # by account
    findings: dict[int, Finding] = field(default_factory=dict)
    suspensions: dict[int, Suspension] = field(default_factory=dict)


def _ids_in(notices: Iterable[Notice]) -> dict[str, set[int]]:
    """The ids that these notices' facts hold, by the name of the fact. Facts that don't fit hold none."""
    found: dict[str, set[int]] = defaultdict(set)
    for notice in notices:
        try:
            facts = check(notice.kind, notice.subject_kind, notice.facts)
        except BadInput:
            continue  # whoever writes the mail says so, and parks this one
        for name, value in facts:
            if name in {"item_id", "check_id", "by_id", "suspension_id"} and value is not None:
                found[name].add(value)
            elif name in {"finding_ids", "administrator_ids"}:
                found[name].update(value)
    return found


async def _rows(session: AsyncSession, model: type[Row], wanted: Iterable[int | None]) -> dict[int, Row]:
    """Rows of a table by id; ids that are None or not there are left out."""
    ids = {one for one in wanted if one is not None}
    if not ids:
        return {}
    key = table_of(model).c.id
    found = await session.exec(select(model).where(key.in_(ids)))
    return {inspect(row, raiseerr=True).identity[0]: row for row in found}


async def load(session: AsyncSession, notices: Sequence[Notice]) -> Known:
    """Everything that these notices name, directly or through what they are about."""
    ids = _ids_in(notices)
    known = Known(
        items=await _rows(session, ActionItem, ids["item_id"]),
        checks=await _rows(session, PageCheck, ids["check_id"]),
        suspensions=await _rows(session, Suspension, ids["suspension_id"]),
    )
    about = _subjects(notices, known)
    known.findings = await _rows(session, Finding, ids["finding_ids"] | about[SubjectKind.FINDING])
    known.accesses = await _rows(session, Access, about[SubjectKind.ACCESS])
    known.requests = await _rows(session, AccountRequest, about[SubjectKind.REQUEST])
    known.accounts = await _rows(
        session,
        Account,
        {
            *about[SubjectKind.ACCOUNT],
            *(access.account_id for access in known.accesses.values()),
            *(request.account_id for request in known.requests.values()),
            *(finding.account_id for finding in known.findings.values()),
            *(check.account_id for check in known.checks.values()),
        },
    )
    await _decisions(session, known)
    await _latest_checks(session, known)
    await _people(
        session, known, notices, ids["by_id"] | ids["administrator_ids"] | about[SubjectKind.PERSON]
    )
    known.schools = await _rows(
        session,
        School,
        {
            *about[SubjectKind.SCHOOL],
            *(request.school_id for request in known.requests.values()),
            *(account.school_id for account in known.accounts.values()),
            *(person.school_id for person in known.people.values()),
            *(item.role_school_id for item in known.items.values()),
        },
    )
    return known


def _subjects(notices: Sequence[Notice], known: Known) -> Mapping[SubjectKind, set[int]]:
    """What the notices, and the items that they name, are about."""
    about: dict[SubjectKind, set[int]] = defaultdict(set)
    for notice in notices:
        about[notice.subject_kind].add(notice.subject_id)
    for item in known.items.values():
        about[item.subject_kind].add(item.subject_id)
    return about


async def _decisions(session: AsyncSession, known: Known) -> None:
    if not known.requests:
        return
    found = await session.exec(select(Decision).where(col(Decision.request_id).in_(known.requests)))
    known.decisions = {(one.request_id, one.revision): one for one in found}


async def _latest_checks(session: AsyncSession, known: Known) -> None:
    """The newest look at each page that a notice asks to mend: it may have been mended since."""
    if not known.checks:
        return
    newest = (
        select(func.max(col(PageCheck.id)))
        .where(col(PageCheck.account_id).in_({check.account_id for check in known.checks.values()}))
        .group_by(col(PageCheck.account_id))
    )
    found = await session.exec(select(PageCheck).where(col(PageCheck.id).in_(newest)))
    known.latest_check = {check.account_id: check for check in found}


async def _people(session: AsyncSession, known: Known, notices: Sequence[Notice], more: set[int]) -> None:
    """Recipients, requesters, deciders, and the administrators that a request names."""
    known.people = await _rows(
        session,
        Person,
        {
            *more,
            *(notice.person_id for notice in notices),
            *(request.requester_id for request in known.requests.values()),
            *(one for request in known.requests.values() for one in request.wish.get("administrators", ())),
            *(decision.decided_by_id for decision in known.decisions.values()),
            *(decision.deputy_for_id for decision in known.decisions.values()),
            *(access.person_id for access in known.accesses.values()),
            *(item.person_id for item in known.items.values()),
            *(finding.person_id or None for finding in known.findings.values()),
        },
    )
