"""The gates before access: the course, the guidelines, the acceptance."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import Via


class Completion(SQLModel, table=True):
    """A person completed a course on a day. Voided ones stay, and no longer count."""

    __table_args__ = (
        UniqueConstraint("person_id", "course", "completed_on"),
        Index("ix_completion_current", "course", "person_id", "voided_at", "completed_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    course: str = Field(max_length=80)  # the course's id in the policy file
    completed_on: date
    source: str = Field(default="", max_length=120)  # "import 7", "command line"
    recorded_via: Via = Field(sa_type=Text(Via))
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    voided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    void_reason: str | None = None


class GuidelineReceipt(SQLModel, table=True):
    """A version of a guideline was sent to a person, and acknowledged. A new version is a new row."""

    __tablename__ = "guideline_receipt"
    __table_args__ = (UniqueConstraint("person_id", "guideline", "guideline_version"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    guideline: str = Field(max_length=40)
    guideline_version: str = Field(max_length=40)
    sent_at: datetime = Field(sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recorded_via: Via | None = Field(default=None, sa_type=Text(Via))


class Acceptance(SQLModel, table=True):
    """A version of a text was sent to a person for one account, and accepted. A new version is a new row."""

    __table_args__ = (UniqueConstraint("person_id", "account_id", "text", "text_version"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    account_id: int = Field(foreign_key="account.id")
    text: str = Field(max_length=80)  # its id in the policy file
    text_version: str = Field(max_length=40)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # None: accepted without a letter
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recorded_via: Via | None = Field(default=None, sa_type=Text(Via))


class AdviceReceipt(SQLModel, table=True):
    """A version of an advice was sent to a person in a letter, and acknowledged where that is asked.

    `sent_on` is the day of the division's zone; `asked`: whether an answer was asked for. Advice that comes
    again after its days is a new row.
    """

    __tablename__ = "advice_receipt"
    __table_args__ = (UniqueConstraint("person_id", "text", "text_version", "sent_on"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    text: str = Field(max_length=40)  # its id in the policy file
    text_version: str = Field(max_length=40)
    sent_on: date = Field(index=True)
    asked: bool
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recorded_via: Via | None = Field(default=None, sa_type=Text(Via))


class UnmatchedRow(SQLModel, table=True):
    """A row of an import that fits nobody we know; a person settles it. Kept by its own content."""

    __tablename__ = "unmatched_row"
    __table_args__ = (UniqueConstraint("course", "email", "name", "completed_on"),)

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="import_run.id", index=True)
    line: int
    course: str = Field(max_length=80)
    email: str = Field(default="", max_length=254)
    name: str = Field(default="", max_length=200)
    completed_on: date
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_person_id: int | None = Field(default=None, foreign_key="person.id")
    settled_how: str | None = Field(default=None, max_length=200)


class ImportRun(SQLModel, table=True):
    """A file that was taken in. The same bytes twice are noticed by their hash."""

    __tablename__ = "import_run"
    __table_args__ = (UniqueConstraint("kind", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=20)  # roster, training, accounts
    sha256: str = Field(max_length=64)
    rows: int = 0
    changed: int = 0
    unmatched: int = 0
    imported_at: datetime = Field(sa_type=UtcDateTime)


class Remembered(SQLModel, table=True):
    """What somebody said about the files of a source, so that nobody is asked again.

    `kind` course: `key` is how a report is known again, `value` the id of the course. `kind` strangers: `key`
    is a mail domain whose people are none of ours, `value` why. `kind` statement: `key` is the id of one that
    a learning platform sent, `value` whose completion of which day it was, or that it was voided.
    """

    __table_args__ = (UniqueConstraint("kind", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=20)
    key: str = Field(max_length=1000)
    value: str = Field(max_length=400)
    said_by_id: int = Field(foreign_key="person.id")
    said_at: datetime = Field(sa_type=UtcDateTime)
