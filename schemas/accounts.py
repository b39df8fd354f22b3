"""What: accounts, who may use them, and how they came to be."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.states import AccessState, AccountState, RequestState
from schemas.words import AccessEnd, AccessRole, Changed, ChannelKind, CustodyMode, Verdict, Via


class AccountRequest(SQLModel, table=True):
    """What somebody asked for. `revision` counts the times it was handed in; `wish` is the form as given."""

    __tablename__ = "account_request"

    id: int | None = Field(default=None, primary_key=True)
    requester_id: int = Field(foreign_key="person.id", index=True)
    school_id: int | None = Field(default=None, foreign_key="school.id")
    level: str = Field(max_length=40)
    channel: ChannelKind = Field(sa_type=Text(ChannelKind))
    platform: str = Field(max_length=40)
    handle: str = Field(max_length=100)
    wish: dict[str, Any] = Field(sa_type=JSON)
    revision: int = 1
    handed_in_at: datetime = Field(sa_type=UtcDateTime)
    recorded_via: Via = Field(sa_type=Text(Via))
    reasons: list[str] = Field(default_factory=list, sa_type=JSON)  # why it was sent back
    state: RequestState = Field(sa_type=Text(RequestState), index=True)
    state_since: datetime = Field(sa_type=UtcDateTime)
    version: int = 1
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)


class Decision(SQLModel, table=True):
    """What was decided on one revision of a request, by whom and why. Exactly one a revision."""

    __table_args__ = (UniqueConstraint("request_id", "revision"),)

    id: int | None = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="account_request.id")
    revision: int
    verdict: Verdict = Field(sa_type=Text(Verdict))
    reason: str
    decided_by_id: int = Field(foreign_key="person.id")
    deputy_for_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime = Field(sa_type=UtcDateTime)
    recorded_via: Via = Field(sa_type=Text(Via))
    training_required: bool | None = None  # 6.1: the approver's word for this one account


class Account(SQLModel, table=True):
    """An official account, website or messaging channel that somebody approved.

    The wish becomes real in `address`, `platform_id` and the evidence once it exists on its platform.
    A vault reference names where a credential lies; the credential itself is never here.
    """

    __table_args__ = (
        Index("ix_account_state_level", "state", "level"),
        Index(
            "uq_account_handle_in_use",
            "platform",
            "handle_key",
            unique=True,
            sqlite_where=text("state NOT IN ('closed', 'withdrawn')"),
            postgresql_where=text("state NOT IN ('closed', 'withdrawn')"),
        ),
        Index(
            "uq_account_page_in_use",
            "platform",
            "page_key",
            unique=True,
            sqlite_where=text("state NOT IN ('closed', 'withdrawn')"),
            postgresql_where=text("state NOT IN ('closed', 'withdrawn')"),
        ),
        Index(
            "uq_account_platform_id_in_use",
            "platform",
            "platform_key",
            unique=True,
            sqlite_where=text("state NOT IN ('closed', 'withdrawn')"),
            postgresql_where=text("state NOT IN ('closed', 'withdrawn')"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    level: str = Field(max_length=40)
    channel: ChannelKind = Field(sa_type=Text(ChannelKind))
    platform: str = Field(max_length=40)
    handle: str = Field(max_length=100)
    handle_key: str = Field(max_length=100)  # these three are made by policy.identity.keys:
    page_key: str | None = Field(default=None, max_length=2000)  # two accounts never share one of them,
    platform_key: str | None = Field(default=None, max_length=200)  # until they have ended
    purpose: str = ""
    school_id: int | None = Field(default=None, foreign_key="school.id", index=True)
    custody: CustodyMode = Field(sa_type=Text(CustodyMode))
    training_required: bool | None = None  # 6.1; None: as the policy says
    address: str | None = Field(default=None, max_length=2000)
    platform_id: str | None = Field(default=None, max_length=200)
    vault_reference: str | None = Field(default=None, max_length=200)
    custodian_is_administrator: bool = False  # 5.5: Communications; 6.2: the principal or designate
    custody_verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the keeper signed in
    reported_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reported_by_id: int | None = Field(default=None, foreign_key="person.id")
    notice_address: str | None = Field(default=None, max_length=2000)  # where the page links to
    live_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closes_on: date | None = None  # its last day, as everybody concerned was told
    never_suspended_until: date | None = None  # the last day on which no finding suspends it
    state: AccountState = Field(sa_type=Text(AccountState))
    state_since: datetime = Field(sa_type=UtcDateTime)
    version: int = 1


class Access(SQLModel, table=True):
    """One person's access to one account, and since when they know its shared secret.

    `proposed_by_id`: who named the person, while the office that approves has not decided on them.
    `ends_on` is its last day, as the person was told; `ends_for` why it ends or has ended.
    """

    __table_args__ = (
        UniqueConstraint("account_id", "person_id"),
        Index("ix_access_account", "account_id", "state", "person_id"),
        Index("ix_access_person", "person_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    person_id: int = Field(foreign_key="person.id")
    role: AccessRole = Field(default=AccessRole.ADMINISTRATOR, sa_type=Text(AccessRole))
    knows_secret_since: date | None = None
    knows_secret_until: date | None = None
    suspended_for: str | None = Field(default=None, max_length=80)  # the control; None unless suspended
    ends_on: date | None = None
    ends_for: AccessEnd | None = Field(default=None, sa_type=Text(AccessEnd))
    proposed_by_id: int | None = Field(default=None, foreign_key="person.id")
    state: AccessState = Field(sa_type=Text(AccessState))
    state_since: datetime = Field(sa_type=UtcDateTime)
    version: int = 1


class AccountChange(SQLModel, table=True):
    """A change of an account: what it was before, until when, who changed it and why.

    `before` is the former handle, address or permanent id; the number of the former school, or of the person
    who was named or taken off. `key` is a former handle as handles are compared: the account is still found
    by it. Who had access from when until when, the audit chain says.
    """

    __tablename__ = "account_change"
    __table_args__ = (Index("ix_account_change_key", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    what: Changed = Field(sa_type=Text(Changed))
    before: str = Field(default="", max_length=2000)
    key: str | None = Field(default=None, max_length=100)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by_id: int = Field(foreign_key="person.id")
    reason: str = ""
