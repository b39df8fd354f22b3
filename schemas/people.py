"""Who: schools, people, the roles they hold, designations and absences."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import PersonKind


class School(SQLModel, table=True):
    """A school, or the division office (`is_division`). `source_id` is the roster's own."""

    id: int | None = Field(default=None, primary_key=True)
    source_id: str = Field(unique=True, max_length=255)
    name: str = Field(max_length=200)
    is_division: bool = False
    active: bool = True


class Person(SQLModel, table=True):
    """A person who may hold a role, an access or an action item.

    People who are gone become inactive and are never deleted: the audit chain speaks of them. Whoever is
    forgotten keeps only the number. `leaves_on`: a roster did not have them; they count as left after this
    day, unless the next one has them or somebody says that they are here. `forget_on` is the day after which
    they are forgotten, as was announced; by `forgotten_key` later files pass them over without an address.
    """

    id: int | None = Field(default=None, primary_key=True)
    source_id: str | None = Field(default=None, unique=True, max_length=255)
    given_name: str = Field(max_length=100)
    family_name: str = Field(max_length=100)
    email: str = Field(unique=True, max_length=254)  # lower case: how a person is found
    kind: PersonKind = Field(sa_type=Text(PersonKind))
    position: str = Field(default="", max_length=120)
    school_id: int | None = Field(default=None, foreign_key="school.id", index=True)
    supervisor_id: int | None = Field(default=None, foreign_key="person.id")
    active: bool = True
    leaves_on: date | None = None
    forget_on: date | None = None
    forgotten_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    forgotten_key: str | None = Field(default=None, max_length=64)
    forgotten_for: str | None = Field(default=None, max_length=4000)
    language: str | None = Field(default=None, max_length=8)  # chosen for pages and letters; none yet

    @property
    def name(self) -> str:
        """As it is written in a letter."""
        return f"{self.given_name} {self.family_name}"


class Role(SQLModel, table=True):
    """An office held from `starts_on` through `ends_on` (both included, days of the division's zone).

    `school_id` is the school it is held at; None for an office of the division. `said_last`: the last day
    that a person said; no file makes it later, nor gives the office again with a first day up to it.
    """

    __table_args__ = (Index("ix_role_holder", "kind", "school_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: str = Field(max_length=40)
    school_id: int | None = Field(default=None, foreign_key="school.id")
    starts_on: date
    ends_on: date | None = None
    source: str = Field(default="", max_length=40)  # "roster", "command line": who may end it
    said_last: date | None = None


class Designation(SQLModel, table=True):
    """The Superintendent names somebody to administer division-wide channels.

    `account_id` narrows it to one channel; None is all of them.
    """

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    designated_by_id: int = Field(foreign_key="person.id")
    account_id: int | None = Field(default=None, foreign_key="account.id")
    starts_on: date
    ends_on: date | None = None


class Absence(SQLModel, table=True):
    """Somebody is away from `starts_on` through `ends_on`; the deputy decides and is asked meanwhile.

    None is nobody: whoever deputized lost an office at once, and nobody else is named yet.
    """

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    deputy_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    starts_on: date
    ends_on: date


class SamePerson(SQLModel, table=True):
    """A roster has somebody under a new id and new names at the address of a person: are they the same?

    `same` is the answer; the next import goes by it.
    """

    __tablename__ = "same_person"
    __table_args__ = (UniqueConstraint("source_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="import_run.id", index=True)
    source_id: str = Field(max_length=255)
    person_id: int = Field(foreign_key="person.id")
    email: str = Field(max_length=254)
    given_name: str = Field(max_length=100)
    family_name: str = Field(max_length=100)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    same: bool | None = None
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by_id: int | None = Field(default=None, foreign_key="person.id")


class AlsoKnown(SQLModel, table=True):
    """By what a person is known too: the roster's id and the address of a record that was merged into theirs.

    Files that still have the other record are theirs.
    """

    __tablename__ = "also_known"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    merged_id: int = Field(foreign_key="person.id")  # the record that was merged
    source_id: str | None = Field(default=None, unique=True, max_length=255)
    email: str = Field(unique=True, max_length=254)
    merged_at: datetime = Field(sa_type=UtcDateTime)


class TerminalUser(SQLModel, table=True):
    """An operating-system user of a machine is this person, until `ended_at`."""

    __tablename__ = "terminal_user"
    __table_args__ = (Index("ix_terminal_user", "user", "host"),)

    id: int | None = Field(default=None, primary_key=True)
    user: str = Field(max_length=64)
    host: str = Field(max_length=253)
    person_id: int = Field(foreign_key="person.id", index=True)
    bound_by_id: int = Field(foreign_key="person.id")
    bound_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
