"""Rows for tests: builders with defaults that hold every rule, and whole divisions full of edge cases.

Ids are given, never drawn, so that a plain-Python oracle can follow them. People are plainly made up.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.accounts import Access, Account
from schemas.gates import Completion
from schemas.people import Person, Role, School
from schemas.states import AccessState, AccountState
from schemas.tables import metadata
from schemas.words import (
    AccessRole,
    ChannelKind,
    CustodyMode,
    Level,
    PersonKind,
    Platform,
    RoleKind,
    Via,
)

LONG_AGO = datetime(2020, 9, 1, 15, 0, tzinfo=UTC)
COURSE = "focus-on-privacy"


def a_school(number: int = 1, **changes: Any) -> School:
    """A school that is open."""
    return School(
        **{"id": number, "source_id": f"school-{number}", "name": f"Sample School {number}", **changes}
    )


def a_person(number: int = 1, *, school: int | None = 1, **changes: Any) -> Person:
    """A member of staff of a school."""
    given = {
        "id": number,
        "source_id": f"person-{number}",
        "given_name": f"Given{number}",
        "family_name": f"Sample{number}",
        "email": f"person{number}@example.org",
        "kind": PersonKind.STAFF,
        "position": "teacher",
        "school_id": school,
    }
    return Person(**{**given, **changes})


def a_role(
    person: int, kind: RoleKind = RoleKind.SCHOOL_ADMINISTRATOR, *, school: int | None = 1, **changes: Any
) -> Role:
    """An office held at a school since long ago, without an end."""
    given = {"person_id": person, "kind": kind, "school_id": school, "starts_on": date(2020, 9, 1)}
    return Role(**{**given, **changes})


def an_account(number: int = 1, *, school: int | None = 1, **changes: Any) -> Account:
    """A live account of a school."""
    given = {
        "id": number,
        "level": Level.SCHOOL,
        "channel": ChannelKind.SOCIAL_MEDIA,
        "platform": Platform.INSTAGRAM,
        "handle": f"@sample.{number}",
        "handle_key": f"sample.{number}",
        "purpose": "News of the school for its families.",
        "school_id": school,
        "custody": CustodyMode.SHARED_PASSWORD,
        "vault_reference": f"vault/sample-{number}",
        "address": f"https://www.example.org/sample.{number}",
        "live_since": LONG_AGO,
        "state": AccountState.LIVE,
        "state_since": LONG_AGO,
        "version": 3,
    }
    return Account(**{**given, **changes})


def an_access(account: int, person: int, **changes: Any) -> Access:
    """An administrator's access, granted."""
    given = {
        "account_id": account,
        "person_id": person,
        "role": AccessRole.ADMINISTRATOR,
        "state": AccessState.GRANTED,
        "state_since": LONG_AGO,
        "version": 2,
    }
    return Access(**{**given, **changes})


def a_completion(person: int, completed_on: date, **changes: Any) -> Completion:
    """A completion of the privacy course that counts from `completed_on`."""
    given = {
        "person_id": person,
        "course": COURSE,
        "completed_on": completed_on,
        "source": "sample",
        "recorded_via": Via.IMPORT,
        "recorded_at": LONG_AGO,
    }
    return Completion(**{**given, **changes})


@dataclass
class Division:
    """The rows of a division, by kind."""

    schools: list[School] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    completions: list[Completion] = field(default_factory=list)

    def rows(self) -> list[SQLModel]:
        """Every row."""
        return [
            *self.schools,
            *self.people,
            *self.roles,
            *self.accounts,
            *self.accesses,
            *self.completions,
        ]


async def put(session: AsyncSession, *rows: SQLModel) -> None:
    """Add rows whose ids may be given; the ids that the database draws later come after those."""
    for table in metadata.sorted_tables:  # whatever is pointed at comes first
        session.add_all(row for row in rows if type(row).__tablename__ == table.name)
        await session.flush()
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        for name in {type(row).__tablename__ for row in rows}:
            highest = f'SELECT max(id) FROM "{name}"'  # noqa: S608 - our own tables' names
            await connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), ({highest}))")
            )


def a_division(random: Random, today: date, *, valid_days: int = 365, accounts: int = 6) -> Division:
    """A small division whose dates lie on every edge around `today`, and whose people hold odd mixtures.

    Completions end yesterday, today or tomorrow, or were voided, or are of another course; roles ended
    yesterday or start tomorrow or are held at another school, twice at once or in two offices; people
    have left; accounts are of every level and state.
    """
    found = Division(schools=[a_school(number) for number in (1, 2)])
    for number in range(1, random.randint(3, 9)):
        found.people.append(
            a_person(
                number,
                school=random.choice([1, 2]),
                kind=PersonKind.STAFF if random.random() < 0.75 else random.choice(list(PersonKind)),
                active=random.random() < 0.9,
            )
        )
        found.roles += [_an_odd_role(random, number, today) for _ in range(random.choice([0, 1, 1, 2]))]
        found.completions += _odd_completions(random, number, today, valid_days)
    for number in range(1, random.randint(1, accounts) + 1):
        account = _an_odd_account(random, number)
        found.accounts.append(account)
        for person in found.people:
            if random.random() < 0.7:
                found.accesses.append(
                    an_access(
                        number,
                        person.id or 0,
                        state=random.choice([*[AccessState.GRANTED] * 5, *AccessState]),
                        role=random.choice([*[AccessRole.ADMINISTRATOR] * 4, *AccessRole]),
                    )
                )
    return found


def _an_odd_account(random: Random, number: int) -> Account:
    level = random.choice([*[Level.SCHOOL] * 4, Level.CLASSROOM, Level.CLASSROOM, Level.DIVISION])
    return an_account(
        number,
        level=level,
        school=None if level is Level.DIVISION else random.choice([1, 2]),
        state=random.choice([*[AccountState.LIVE] * 9, *AccountState]),
        training_required=random.choice([None, True, False]),
    )


def _an_odd_role(random: Random, person: int, today: date) -> Role:
    kind = random.choice([*[RoleKind.SCHOOL_ADMINISTRATOR] * 6, *RoleKind])
    return a_role(
        person,
        kind,
        school=random.choice([1, 1, 1, 2, 2, 2, None]),
        starts_on=today + timedelta(days=random.choice([-400, -400, -1, 0, 1])),
        ends_on=random.choice([None, None, None, *(today + timedelta(days=days) for days in (-1, 0, 1))]),
    )


def _odd_completions(random: Random, person: int, today: date, valid_days: int) -> list[Completion]:
    edges = [0, 1, valid_days - 1, valid_days, valid_days + 1, 2 * valid_days]
    chosen = random.sample(edges, random.choice([0, 1, 2, 3, 3]))
    return [
        a_completion(
            person,
            today - timedelta(days=days),
            course=random.choice([COURSE, COURSE, COURSE, "another-course"]),
            voided_at=random.choice([None, None, LONG_AGO]),
        )
        for days in chosen
    ]
