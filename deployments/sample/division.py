"""What the sample division consists of."""

from dataclasses import dataclass, field
from datetime import date

from schemas.states import AccountState
from schemas.words import ChannelKind, CustodyMode


@dataclass(frozen=True)
class SampleSchool:
    """A school; `code` begins the handles of its accounts."""

    source_id: str
    name: str
    code: str


@dataclass(frozen=True)
class SamplePerson:
    """A member of staff. `role` is OneRoster's; `title` the vendor's own word for the position, if any."""

    source_id: str
    given: str
    family: str
    email: str
    org: str
    role: str
    title: str = ""


@dataclass(frozen=True)
class SampleAccount:
    """A row of the list of accounts that exist already."""

    level: str
    channel: ChannelKind
    platform: str
    handle: str
    address: str
    platform_id: str
    school: str
    purpose: str
    custody: CustodyMode
    vault_reference: str
    custodian: bool
    administrators: tuple[str, ...]
    state: AccountState
    live_since: date | None
    privacy_attested_on: date | None
    privacy_checklist: str = ""
    accepted_on: date | None = None
    acknowledged_on: date | None = None
    notice_seen_on: date | None = None
    profile_seen_on: date | None = None
    password_changed_on: date | None = None
    administrators_reviewed_on: date | None = None


@dataclass
class SampleDivision:
    """Everything that is made up. `completed` says when, by address; others never did."""

    today: date
    name: str
    schools: list[SampleSchool] = field(default_factory=list)
    people: list[SamplePerson] = field(default_factory=list)
    accounts: list[SampleAccount] = field(default_factory=list)
    completed: dict[str, date] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)

    @property
    def communications(self) -> str:
        """The Communications Officer's address."""
        return self.offices["communications officer"]

    def at(self, school: SampleSchool, role: str) -> list[SamplePerson]:
        """The people of a school with this role."""
        return [one for one in self.people if one.org == school.source_id and one.role == role]
