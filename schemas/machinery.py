"""The machinery that every lifecycle shares: action items, the two outboxes and the audit chain."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.events import EventKind, WakeState
from schemas.notices import NoticeState, Urgency
from schemas.words import ItemKind, ItemState, SubjectKind, Via


class ActionItem(SQLModel, table=True):
    """One wait for a person, or for whoever holds a role at a school today.

    `key` makes asking twice the same as asking once. `reminders` counts those that went out,
    `climbed_to` is the role it was escalated to. `next_step_on` is the day of the division's zone on which
    the next reminder or climb is due; None until the first of them was taken.
    """

    __tablename__ = "action_item"
    __table_args__ = (
        Index("ix_action_item_open", "state", "due_on"),
        Index("ix_action_item_subject", "subject_kind", "subject_id"),
        Index("ix_action_item_person", "person_id", "state"),
        Index("ix_action_item_next", "state", "next_step_on", "kind", "due_on"),
        Index(  # of what is asked of an office: the rest would hide how few there are from SQLite
            "ix_action_item_role",
            "role",
            "state",
            "role_school_id",
            sqlite_where=text("role IS NOT NULL"),
            postgresql_where=text("role IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=160)
    kind: ItemKind = Field(sa_type=Text(ItemKind))
    control: str = Field(max_length=80)  # the name of what asks, in the policy file
    person_id: int | None = Field(default=None, foreign_key="person.id")
    role: str | None = Field(default=None, max_length=40)
    role_school_id: int | None = Field(default=None, foreign_key="school.id")
    subject_kind: SubjectKind = Field(sa_type=Text(SubjectKind))
    subject_id: int
    opened_at: datetime = Field(sa_type=UtcDateTime)
    due_on: date
    reminders: int = 0
    climbed_to: str | None = Field(default=None, max_length=40)
    next_step_on: date | None = None
    state: ItemState = Field(default=ItemState.OPEN, sa_type=Text(ItemState))
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Notice(SQLModel, table=True):
    """A message to one person, waiting in the outbox. Rendered when it leaves; holds ids, not names."""

    __table_args__ = (
        Index("ix_notice_due", "state", "not_before"),
        Index("ix_notice_person", "person_id", "state"),
        Index("ix_notice_subject", "subject_kind", "subject_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=200)  # "<cause>/person:<id>"
    kind: str = Field(max_length=40)  # names its class in policy/notices
    urgency: Urgency = Field(sa_type=Text(Urgency))
    person_id: int = Field(foreign_key="person.id")
    subject_kind: SubjectKind = Field(sa_type=Text(SubjectKind))
    subject_id: int
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    not_before: datetime = Field(sa_type=UtcDateTime)  # in working hours, where it is not urgent
    state: NoticeState = Field(default=NoticeState.PENDING, sa_type=Text(NoticeState))
    attempts: int = 0
    lease_owner: str | None = Field(default=None, max_length=80)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    message_id: str | None = Field(default=None, max_length=200)  # of the mail that carried it
    uncertain: bool = False  # an earlier try may have arrived: the next copy says so
    last_error: str | None = Field(default=None, max_length=200)  # a code, never a server's whole text
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Event(SQLModel, table=True):
    """Something that happened; written with its cause, in the cause's transaction."""

    id: int | None = Field(default=None, primary_key=True)
    kind: EventKind = Field(sa_type=Text(EventKind))
    subject_kind: SubjectKind = Field(sa_type=Text(SubjectKind))
    subject_id: int
    occurred_at: datetime = Field(sa_type=UtcDateTime)
    shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # given to Prefect, best effort


class Wake(SQLModel, table=True):
    """An event asks for one run of one lifecycle. One run takes every wake-up there is when it starts.

    A run takes before it gathers, so an event that commits after the taking has a wake-up of its own.
    """

    __table_args__ = (
        Index("ix_wake_lifecycle", "lifecycle", "state"),
        Index(
            "ix_wake_open",
            "state",
            sqlite_where=text("state <> 'done'"),
            postgresql_where=text("state <> 'done'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    event_id: int = Field(foreign_key="event.id")
    lifecycle: str = Field(max_length=40)
    state: WakeState = Field(default=WakeState.PENDING, sa_type=Text(WakeState))
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_by: str | None = Field(default=None, max_length=80)
    run_key: str | None = Field(default=None, max_length=80)


class AuditEntry(SQLModel, table=True):
    """One change of state, or one act that stands beside it, chained to the entry before.

    `hash` is SHA-256 over the hash before and the canonical JSON of everything else here. It holds
    ids, codes and names of controls; never names, addresses or free text.

    `records`: the evidence that its transaction changed: for each table a list of the row's number, its
    digest before (None: it is new) and its digest since.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_subject", "subject_kind", "subject_id"), Index("ix_audit_at", "at"))

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    actor_id: int | None = None  # None: Steward itself
    via: Via = Field(sa_type=Text(Via))
    subject_kind: SubjectKind = Field(sa_type=Text(SubjectKind))
    subject_id: int
    version: int | None = None  # of the subject, after a change of state
    from_state: str | None = Field(default=None, max_length=40)
    to_state: str | None = Field(default=None, max_length=40)
    control: str = Field(max_length=80)  # by its name in the policy file; empty where it serves none alone
    clause: str | None = Field(default=None, max_length=20)  # sealed in its place, before controls had names
    cause: str = Field(max_length=80)
    body: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    records: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class HandedIn(SQLModel, table=True):
    """A form that was recorded under this key: handed in again, it records nothing more.

    `key` is the run's id. `about` and `state` are what was recorded; no name and no word of the form.
    """

    __tablename__ = "handed_in"

    key: str = Field(primary_key=True, max_length=80)
    act: str = Field(max_length=60)
    at: datetime = Field(sa_type=UtcDateTime)
    subject_kind: SubjectKind = Field(sa_type=Text(SubjectKind))
    subject_id: int
    state: str = Field(max_length=40)


class LeftHead(SQLModel, table=True):
    """A head of the audit chain that left this store: the newest entry's number and hash, and when it left.

    `ways`: "letter", "file", "address", those by which it left. Verifying holds the chain against each.
    """

    __tablename__ = "left_head"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)
    ways: list[str] = Field(default_factory=list, sa_type=JSON)
