"""What action items are about, joined to them in one statement."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func
from sqlmodel import col

from schemas.accounts import Access, Account, AccountRequest
from schemas.findings import Finding
from schemas.incidents import Incident
from schemas.leave import Leave
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.words import SubjectKind

_subject_kind, _subject_id = col(ActionItem.subject_kind), col(ActionItem.subject_id)


def joined_to_subjects(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A select over action items, joined to what each is about, and to the person who is asked."""
    account = case(
        (_subject_kind == SubjectKind.ACCOUNT, _subject_id),
        (_subject_kind == SubjectKind.ACCESS, col(Access.account_id)),
        (_subject_kind == SubjectKind.FINDING, col(Finding.account_id)),
    )
    return (
        statement.select_from(ActionItem)
        .outerjoin(
            AccountRequest,
            and_(_subject_kind == SubjectKind.REQUEST, col(AccountRequest.id) == _subject_id),
        )
        .outerjoin(Access, and_(_subject_kind == SubjectKind.ACCESS, col(Access.id) == _subject_id))
        .outerjoin(Finding, and_(_subject_kind == SubjectKind.FINDING, col(Finding.id) == _subject_id))
        .outerjoin(Account, col(Account.id) == account)
        .outerjoin(Incident, and_(_subject_kind == SubjectKind.INCIDENT, col(Incident.id) == _subject_id))
        .outerjoin(Leave, and_(_subject_kind == SubjectKind.LEAVE, col(Leave.id) == _subject_id))
        .outerjoin(Person, col(Person.id) == col(ActionItem.person_id))
    )


def its_school() -> ColumnElement[int | None]:
    """The school of an item: of what it is about, else of the office or the person it was asked of."""
    return func.coalesce(
        col(AccountRequest.school_id),
        col(Account.school_id),
        col(Leave.school_id),
        case((_subject_kind == SubjectKind.SCHOOL, _subject_id)),
        col(ActionItem.role_school_id),
        col(Person.school_id),
    )


def its_handle() -> ColumnElement[str | None]:
    """The handle of the account or request that an item is about; None where it is about something else."""
    return func.coalesce(col(AccountRequest.handle), col(Account.handle))


def its_platform() -> ColumnElement[str | None]:
    """The platform of the same."""
    return func.coalesce(col(AccountRequest.platform), col(Account.platform))
