"""Requests as people look at them: a list, and one with what was asked, what is missing, what was decided."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Result, Select, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel import select as select_rows

from schemas.accounts import AccountRequest, Decision
from schemas.people import Person, School
from tasks.store import lookup
from tasks.store.page import Page, first_lines
from tasks.store.same import same_handles
from tasks.store.session import Session


@dataclass(frozen=True)
class Listed:
    """A request as a line of a list. `school` is None for the whole division."""

    request: int
    handle: str
    platform: str
    level: str
    school: int | None
    school_name: str | None
    state: str
    state_since: datetime


@dataclass(frozen=True)
class HandedIn:
    """A request as it was handed in last: what a decision on it names. `ticked`: both in one word."""

    request: int
    revision: int
    platform: str
    handle: str

    @property
    def ticked(self) -> str:
        """The number and the revision, so that what was handed in anew since is not decided unread."""
        return f"{self.request}/{self.revision}"


async def handed_in(session: Session, requests: Collection[int]) -> dict[int, HandedIn]:
    """These requests by their number; those that are not there are left out."""
    asked: Select[*tuple[Any, ...]] = select(
        col(AccountRequest.id).label("request"),
        col(AccountRequest.revision),
        col(AccountRequest.platform),
        col(AccountRequest.handle),
    ).where(col(AccountRequest.id).in_(requests))
    rows = await session.run(asked)
    return {row["request"]: HandedIn(**row) for row in rows.mappings()}


async def rivals(session: Session, requests: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Of these requests each: which others wait for the same handle, or for one that looks the same."""
    found = await session.exec(select_rows(AccountRequest).where(col(AccountRequest.id).in_(requests)))
    same = await same_handles(session, found.all())
    return {number: one.requests for number, one in same.items()}


async def list_requests(
    session: Session,
    *,
    state: str | None = None,
    school: str | None = None,
    requester: int | None = None,
    at_most: int | None = None,
) -> Page[Listed]:
    """Requests, the newest first; of one state, school (name or number) or requester. Raises Unknown."""
    asked: Select[*tuple[Any, ...]] = (
        select(
            col(AccountRequest.id).label("request"),
            col(AccountRequest.handle),
            col(AccountRequest.platform),
            col(AccountRequest.level),
            col(AccountRequest.school_id).label("school"),
            col(School.name).label("school_name"),
            col(AccountRequest.state),
            col(AccountRequest.state_since),
        )
        .outerjoin(School, col(School.id) == col(AccountRequest.school_id))
        .order_by(col(AccountRequest.id).desc())
    )
    if state is not None:
        asked = asked.where(col(AccountRequest.state) == state)
    if requester is not None:
        asked = asked.where(col(AccountRequest.requester_id) == requester)
    if school is not None:
        asked = asked.where(col(AccountRequest.school_id) == (await lookup.school(session, school)).id)
    return await first_lines(session, asked, at_most, Listed)


@dataclass(frozen=True)
class Wished:
    """Somebody who is to administer the account."""

    person: int
    name: str
    position: str


@dataclass(frozen=True)
class Decided:
    """A decision; one for each time the request was handed in. `deputy_for`: who was away."""

    revision: int
    verdict: str
    reason: str
    decided_by: int
    decided_by_name: str
    deputy_for: int | None
    deputy_for_name: str
    decided_at: datetime
    training_required: bool | None


@dataclass(frozen=True)
class Shown:
    """One request with all that is known of it. `reasons`: why it was sent back."""

    request: int
    revision: int
    handle: str
    platform: str
    channel: str
    level: str
    school: int | None
    school_name: str | None
    requested_by: int
    requested_by_name: str
    handed_in_at: datetime
    recorded_via: str
    purpose: str
    audience: str
    tools_considered: tuple[str, ...]
    why_not: str
    administrators: tuple[Wished, ...]
    custody: str
    state: str
    state_since: datetime
    reasons: tuple[str, ...]
    decisions: tuple[Decided, ...]
    account: int | None


async def show_request(session: Session, number: int) -> Shown:
    """The request of this number. Raises Unknown."""
    row = await lookup.by_id(session, AccountRequest, number)
    requester = await lookup.by_id(session, Person, row.requester_id)
    named = [await lookup.by_id(session, Person, person) for person in row.wish["administrators"]]
    school = await lookup.by_id(session, School, row.school_id) if row.school_id is not None else None
    absent = aliased(Person)
    decisions: Result[Any] = await session.run(
        select(
            col(Decision.revision),
            col(Decision.verdict),
            col(Decision.reason),
            col(Decision.decided_by_id),
            col(Person.given_name),
            col(Person.family_name),
            col(Decision.deputy_for_id),
            col(absent.given_name).label("absent_given"),
            col(absent.family_name).label("absent_family"),
            col(Decision.decided_at),
            col(Decision.training_required),
        )
        .join(Person, col(Person.id) == col(Decision.decided_by_id))
        .outerjoin(absent, col(absent.id) == col(Decision.deputy_for_id))
        .where(col(Decision.request_id) == number)
        .order_by(col(Decision.revision))
    )
    return Shown(
        request=number,
        revision=row.revision,
        handle=row.handle,
        platform=str(row.platform),
        channel=str(row.channel),
        level=str(row.level),
        school=row.school_id,
        school_name=school.name if school else None,
        requested_by=row.requester_id,
        requested_by_name=requester.name,
        handed_in_at=row.handed_in_at,
        recorded_via=str(row.recorded_via),
        purpose=row.wish["purpose"],
        audience=row.wish["audience"],
        tools_considered=tuple(row.wish["tools_considered"]),
        why_not=row.wish["why_not"],
        administrators=tuple(Wished(one.id or 0, one.name, one.position) for one in named),
        custody=row.wish["custody"],
        state=str(row.state),
        state_since=row.state_since,
        reasons=tuple(row.reasons),
        decisions=tuple(
            Decided(
                revision=made.revision,
                verdict=str(made.verdict),
                reason=made.reason,
                decided_by=made.decided_by_id,
                decided_by_name=f"{made.given_name} {made.family_name}",
                deputy_for=made.deputy_for_id,
                deputy_for_name=f"{made.absent_given} {made.absent_family}" if made.deputy_for_id else "",
                decided_at=made.decided_at,
                training_required=made.training_required,
            )
            for made in decisions
        ),
        account=row.account_id,
    )
