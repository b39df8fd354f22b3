"""What a batch of notices needs to be written: all that they name, in a dozen queries at most."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TypeVar

from sqlalchemy import and_, exists, func, inspect, or_
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col, select

from policy.notices import KINDS, Rows, read
from policy.seen import page_faults, profile_faults
from schemas.accounts import Access, Account, AccountChange, AccountRequest, Decision
from schemas.brakes import Brake
from schemas.columns import table_of
from schemas.contacts import ContactReport
from schemas.errors import BadInput
from schemas.evidence import PageCheck, ProfileCheck
from schemas.findings import Finding, Suspension
from schemas.incidents import Incident
from schemas.inventory import UnapprovedPage
from schemas.leave import Leave
from schemas.machinery import ActionItem, Notice
from schemas.outcome import RoleAt
from schemas.people import Absence, AlsoKnown, Designation, Person, Role, School
from schemas.public import Correction, Enquiry
from schemas.states import RequestState
from schemas.words import Changed, ItemKind, SubjectKind
from tasks.mail.heard import needless, unheard
from tasks.store.holders import holders_at
from tasks.store.same import same_handles
from tasks.store.session import Session

Row = TypeVar("Row", bound=SQLModel)


#: The facts that name one row.
_ONE = frozenset(
    {
        "item_id",
        "check_id",
        "by_id",
        "deputy_for_id",
        "suspension_id",
        "change_id",
        "to_school_id",
        "school_id",
        "enquiry_id",
    }
)


#: Those that name several.
_MANY = frozenset(
    {"finding_ids", "administrator_ids", "person_ids", "account_ids", "absence_ids", "school_ids"}
)


def _ids_in(notices: Iterable[Notice]) -> dict[str, set[int]]:
    """The ids that these notices' facts hold, by the name of the fact. Facts that don't fit hold none."""
    found: dict[str, set[int]] = defaultdict(set)
    for notice in notices:
        try:
            facts = read(notice)
        except BadInput:
            continue  # whoever writes the mail says so, and parks this one
        for name, value in facts:
            if name in _ONE and value is not None:
                found[name].add(value)
            elif name in _MANY:
                found[name].update(value)
            elif name == "holders":
                found["person_ids"].update(one for some in value for one in some)
            elif name == "suspension_ids":
                found["suspension_id"].update(value)
    return found


async def _rows(session: Session, model: type[Row], wanted: Iterable[int | None]) -> dict[int, Row]:
    """Rows of a table by id; ids that are None or not there are left out."""
    ids = {one for one in wanted if one is not None}
    if not ids:
        return {}
    key = table_of(model).c.id
    found = await session.exec(select(model).where(key.in_(ids)))
    return {inspect(row, raiseerr=True).identity[0]: row for row in found}


async def load(session: Session, notices: Sequence[Notice], today: date) -> Rows:
    """Everything that these notices name, directly or through what they are about.

    `today`: the day of the division's zone, on which offices are held.
    """
    ids = _ids_in(notices)
    rows = Rows(
        items=await _rows(session, ActionItem, ids["item_id"]),
        checks=await _rows(session, PageCheck, ids["check_id"]),
        suspensions=await _rows(session, Suspension, ids["suspension_id"]),
        changes=await _rows(session, AccountChange, ids["change_id"]),
        enquiries=await _rows(session, Enquiry, ids["enquiry_id"]),
    )
    await _changed_since(session, rows)
    about = _subjects(notices, rows)
    rows.findings = await _rows(session, Finding, ids["finding_ids"] | about[SubjectKind.FINDING])
    rows.accesses = await _rows(session, Access, about[SubjectKind.ACCESS])
    rows.corrections = await _rows(session, Correction, about[SubjectKind.CORRECTION])
    rows.contacts = await _rows(session, ContactReport, about[SubjectKind.CONTACT])
    rows.pages = await _rows(session, UnapprovedPage, about[SubjectKind.PAGE])
    rows.brakes = await _rows(session, Brake, about[SubjectKind.BRAKE])
    rows.incidents = await _rows(session, Incident, about[SubjectKind.INCIDENT])
    rows.leaves = await _rows(session, Leave, about[SubjectKind.LEAVE])
    rows.requests = await _rows(session, AccountRequest, about[SubjectKind.REQUEST])
    rows.accounts = await _rows(
        session,
        Account,
        {
            *about[SubjectKind.ACCOUNT],
            *ids["account_ids"],
            *(access.account_id for access in rows.accesses.values()),
            *(request.account_id for request in rows.requests.values()),
            *(incident.account_id for incident in rows.incidents.values()),
            *(finding.account_id for finding in rows.findings.values()),
            *(check.account_id for check in rows.checks.values()),
            *(one.account_id for one in rows.corrections.values()),
            *(account for brake in rows.brakes.values() for account in brake.examples),
        },
    )
    waiting = [one for one in rows.requests.values() if one.state is RequestState.AWAITING_DECISION]
    rows.same = await same_handles(session, waiting)
    await _decisions(session, rows)
    await _latest_checks(session, rows)
    rows.needless = await needless(session, rows, notices)
    rows.unheard = await unheard(session, notices)
    await _faults(session, rows)
    await _asked(session, rows, notices, today)
    await _terms(session, rows, notices, ids["absence_ids"])
    named = ids["by_id"] | ids["deputy_for_id"] | ids["administrator_ids"] | ids["person_ids"]
    await _people(session, rows, notices, named | about[SubjectKind.PERSON])
    await _merged(session, rows, notices)
    rows.schools = await _rows(
        session,
        School,
        {
            *about[SubjectKind.SCHOOL],
            *(page.school_id for page in rows.pages.values()),
            *ids["to_school_id"],
            *ids["school_id"],
            *ids["school_ids"],
            *(request.school_id for request in rows.requests.values()),
            *(account.school_id for account in rows.accounts.values()),
            *(school for change in rows.changes.values() for school in _its_schools(change, rows)),
            *(person.school_id for person in rows.people.values()),
            *(item.role_school_id for item in rows.items.values()),
        },
    )
    return rows


def _its_schools(change: AccountChange, rows: Rows) -> Iterable[int]:
    """The school before a change, and the one after it where there was another change since."""
    if change.what is not Changed.SCHOOL:
        return []
    return [int(one) for one in (change.before, rows.changed_to.get(change.id or 0)) if one]


def _subjects(notices: Sequence[Notice], rows: Rows) -> Mapping[SubjectKind, set[int]]:
    """What the notices, and the items that they name, are about."""
    about: dict[SubjectKind, set[int]] = defaultdict(set)
    for notice in notices:
        about[notice.subject_kind].add(notice.subject_id)
    for item in rows.items.values():
        about[item.subject_kind].add(item.subject_id)
    return about


async def _changed_since(session: Session, rows: Rows) -> None:
    """The changes after which somebody changed the same of the account, or of the same person."""
    if not rows.changes:
        return
    later = aliased(AccountChange)
    found = await session.exec(
        select(AccountChange.id).where(
            col(AccountChange.id).in_(rows.changes),
            exists().where(
                col(later.account_id) == col(AccountChange.account_id),
                col(later.what) == col(AccountChange.what),
                col(later.id) > col(AccountChange.id),
                or_(
                    col(later.what) != Changed.ADMINISTRATOR,
                    col(later.before) == col(AccountChange.before),
                ),
            ),
        )
    )
    rows.changed_since = {one for one in found if one is not None}
    if not rows.changed_since:
        return
    again = {(one.account_id, one.what) for one in rows.changes.values() if one.id in rows.changed_since}
    later_ones = await session.exec(
        select(AccountChange)
        .where(
            or_(
                *(
                    and_(col(AccountChange.account_id) == account, col(AccountChange.what) == what)
                    for account, what in again
                )
            )
        )
        .order_by(col(AccountChange.id).desc())
    )
    newer: dict[tuple[int, Changed], str] = {}
    for one in later_ones:
        if one.id in rows.changed_since:
            rows.changed_to[one.id] = newer.get((one.account_id, one.what), "")
        newer[one.account_id, one.what] = one.before


async def _decisions(session: Session, rows: Rows) -> None:
    if not rows.requests:
        return
    found = await session.exec(select(Decision).where(col(Decision.request_id).in_(rows.requests)))
    rows.decisions = {(one.request_id, one.revision): one for one in found}


async def _latest_checks(session: Session, rows: Rows) -> None:
    """The newest look at each page that a notice asks to mend: it may have been mended since."""
    if not rows.checks:
        return
    newest = (
        select(func.max(col(PageCheck.id)))
        .where(col(PageCheck.account_id).in_({check.account_id for check in rows.checks.values()}))
        .group_by(col(PageCheck.account_id))
    )
    found = await session.exec(select(PageCheck).where(col(PageCheck.id).in_(newest)))
    rows.latest_check = {check.account_id: check for check in found}


async def _faults(session: Session, rows: Rows) -> None:
    """Where a page was seen to lack something. Elsewhere somebody is asked to look, not to mend."""
    if not (rows.findings or rows.items):
        return
    number = list(rows.accounts)
    pages = page_faults().where(col(PageCheck.account_id).in_(number))
    profiles = profile_faults().where(col(ProfileCheck.account_id).in_(number))
    rows.page_faults = set((await session.run(pages)).scalars())
    rows.profile_faults = set((await session.run(profiles)).scalars())


async def _merged(session: Session, rows: Rows, notices: Sequence[Notice]) -> None:
    """The addresses of records that were merged, where a letter goes there too."""
    to = {one.person_id for one in notices if one.kind in KINDS and KINDS[one.kind].reaches_merged}
    if to:
        its = select(AlsoKnown.merged_id, AlsoKnown.email).where(col(AlsoKnown.merged_id).in_(to))
        rows.merged = dict((await session.exec(its)).all())


async def _terms(session: Session, rows: Rows, notices: Sequence[Notice], absences: set[int]) -> None:
    """The named absences; when those whom such notices are about are away, and hold their offices."""
    hanging = [one for one in notices if one.kind in KINDS and KINDS[one.kind].hangs_on_terms]
    people = {number for one in hanging for number in (one.subject_id, *one.facts.get("person_ids", ()))}
    if not people and not absences:
        return
    its = or_(col(Absence.person_id).in_(people), col(Absence.id).in_(absences))
    rows.absences = list(await session.exec(select(Absence).where(its)))
    if not people:
        return
    roles = await session.exec(select(Role).where(col(Role.person_id).in_(people)))
    named = await session.exec(select(Designation).where(col(Designation.person_id).in_(people)))
    rows.offices = [*roles, *named]


async def _asked(session: Session, rows: Rows, notices: Sequence[Notice], today: date) -> None:
    """The items that these notices ask for: done since, they need not be asked for. And who acts for them."""
    kinds: set[ItemKind] = set()
    about: dict[SubjectKind, set[int]] = defaultdict(set)
    for one in notices:
        wanted, subjects = _wanted(one)
        kinds.update(wanted)
        for kind, number in subjects if wanted else ():
            about[kind].add(number)
    if not kinds:
        return
    subject, number_of = col(ActionItem.subject_kind), col(ActionItem.subject_id)
    found = await session.exec(
        select(ActionItem).where(
            col(ActionItem.kind).in_(kinds),
            or_(*(and_(subject == kind, number_of.in_(numbers)) for kind, numbers in about.items())),
        )
    )
    rows.asked = list(found)
    offices = {RoleAt(one.role, one.role_school_id) for one in rows.asked if one.role is not None}
    acting = await holders_at(session, offices, today) if offices else {}
    rows.held = {at: frozenset(one.person_id for one in people) for at, people in acting.items()}


def _wanted(notice: Notice) -> tuple[tuple[ItemKind, ...], set[tuple[SubjectKind, int]]]:
    """What a notice asks for, and about what. Nothing where its facts don't fit: the writer says so."""
    with suppress(BadInput):
        kind = read(notice)
        return kind.wanted(), kind.asks_about(notice)
    return (), set()


async def _people(session: Session, rows: Rows, notices: Sequence[Notice], more: set[int]) -> None:
    """Recipients, requesters, deciders, and the administrators that a request names."""
    rows.people = await _rows(
        session,
        Person,
        {
            *more,
            *(notice.person_id for notice in notices),
            *(request.requester_id for request in rows.requests.values()),
            *(one for request in rows.requests.values() for one in request.wish.get("administrators", ())),
            *(decision.decided_by_id for decision in rows.decisions.values()),
            *(decision.deputy_for_id for decision in rows.decisions.values()),
            *(suspension.decided_by_id for suspension in rows.suspensions.values()),
            *(suspension.confirmed_by_id for suspension in rows.suspensions.values()),
            *(suspension.ended_by_id for suspension in rows.suspensions.values()),
            *(access.person_id for access in rows.accesses.values()),
            *(incident.person_id for incident in rows.incidents.values()),
            *(
                one
                for leave in rows.leaves.values()
                for one in (leave.person_id, leave.decided_by_id, leave.deputy_for_id)
            ),
            *(item.person_id for item in rows.items.values()),
            *(one for absence in rows.absences for one in (absence.person_id, absence.deputy_id)),
            *(report.person_id for report in rows.contacts.values()),
            *(brake.answered_by_id for brake in rows.brakes.values()),
            *(finding.person_id or None for finding in rows.findings.values()),
        },
    )
