"""People, accounts and reports for these tests. Everybody is made up."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import SQLModel, col

from deployments.sample.words import Level, Platform, RoleKind
from schemas.accounts import Access
from schemas.columns import table_of
from schemas.machinery import ActionItem, AuditEntry, Event, Wake
from schemas.people import Person, Role
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, ChannelKind, CustodyMode, ItemKind, PersonKind, SubjectKind
from tasks.store import Store
from tasks.store.audit import STEWARD
from tasks.store.transition import begin

COMMUNICATIONS = 1


async def some_people(store: Store, now: datetime, count: int = 5, **changes: Any) -> None:
    """Person 1 is the Communications Officer; person N has the address personN@example.org."""
    async with store.write() as session:
        await session.run(
            insert(table_of(Person)),
            [
                {
                    "given_name": f"Given{number}",
                    "family_name": f"Sample{number}",
                    "email": f"person{number}@example.org",
                    "kind": PersonKind.STAFF,
                    "position": "teacher",
                    "active": True,
                    **changes,
                }
                for number in range(1, count + 1)
            ],
        )
        await session.run(
            insert(table_of(Role)).values(
                person_id=COMMUNICATIONS,
                kind=RoleKind.COMMUNICATIONS_OFFICER,
                starts_on=now.date().replace(year=2020),
                source="test",
            )
        )


async def an_access(
    store: Store, person: int, now: datetime, state: AccessState, handle: str = "lakeside"
) -> int:
    """A live division account with one access in this state; the access's number."""
    async with store.write() as session:
        account = await begin(
            session,
            SubjectKind.ACCOUNT,
            state=AccountState.LIVE,
            actor=STEWARD,
            control="approval",
            cause="test",
            now=now,
            level=Level.DIVISION,
            channel=ChannelKind.SOCIAL_MEDIA,
            platform=Platform.INSTAGRAM,
            handle=f"@{handle}",
            handle_key=handle,
            purpose="",
            custody=CustodyMode.PERSONAL_ADMINISTRATORS,
            custodian_is_administrator=True,
        )
        access = await begin(
            session,
            SubjectKind.ACCESS,
            state=state,
            actor=STEWARD,
            control="privacy-course",
            cause="test",
            now=now,
            account_id=account.id,
            person_id=person,
            role=AccessRole.ADMINISTRATOR,
        )
    return access.id


async def rows(store: Store, model: type[SQLModel], *conditions: Any) -> Sequence[Any]:
    """The rows of a table, by their first column."""
    table = table_of(model)
    async with store.read() as session:
        found = select(table).where(*conditions).order_by(next(iter(table.columns)))
        return await session.rows(found)


async def counted(store: Store) -> dict[str, int]:
    """How many rows the tables have that an import could touch."""
    async with store.read() as session:
        return {
            model.__name__: (
                await session.run(select(func.count()).select_from(table_of(model)))
            ).scalar_one()
            for model in (ActionItem, AuditEntry, Event, Wake)
        }


async def open_items(store: Store, kind: ItemKind) -> Sequence[Any]:
    """The open action items of a kind."""
    return await rows(store, ActionItem, col(ActionItem.kind) == kind, col(ActionItem.state) == "open")


async def access_state(store: Store, access: int) -> AccessState:
    """Where an access is."""
    state: AccessState = (await rows(store, Access, col(Access.id) == access))[0].state
    return state


def report(*people: tuple[str, str, str], headers: Sequence[str] | None = None) -> bytes:
    """A course completion report: (name, e-mail address, date or blank)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        headers
        or (
            "ID",
            "Name",
            "Email address",
            "Quiz: Focus on Privacy",
            "Quiz: Focus on Privacy - Completion date",
            "Course complete",
        )
    )
    for number, (name, email, day) in enumerate(people, start=301):
        writer.writerow((number, name, email, "Completed" if day else "Not completed", day, day))
    return text.getvalue().encode()
