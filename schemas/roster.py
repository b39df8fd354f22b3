"""What a roster says of the division, and what the store has of it, as plain frozen records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel, ConfigDict

from schemas.errors import Place
from schemas.words import PersonKind


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RosterOrg(_Record):
    """A school or the division. `gone`: the file says that it is to be deleted."""

    source_id: str
    name: str
    is_division: bool
    line: int
    gone: bool = False


class RosterPerson(_Record):
    """A person. `kind` and `position` are None where a delta file leaves them as they are."""

    source_id: str
    given_name: str
    family_name: str
    email: str  # lower case
    kind: PersonKind | None
    position: str | None
    org: str | None  # sourcedId of the school or the division
    line: int
    also: tuple[str, ...] = ()  # sourcedIds of further rows of the same person


class RosterRole(_Record):
    """An office held at an org, from `begins` (None: now) through `ends`. `gone`: it is to be deleted."""

    person: str  # sourcedId
    kind: str
    org: str
    begins: date | None = None
    ends: date | None = None
    gone: bool = False


class RosterBundle(_Record):
    """A whole file. The `*_delta` flags: what is not in it stays as it is.

    `gone`: people whose rows say that they left. `passed_over`: people who could not be read as somebody
    to write to, and are left as they are. `notes` are sentences for the person who gave the file.
    """

    version: str
    users_file: str
    orgs: tuple[RosterOrg, ...]
    people: tuple[RosterPerson, ...]
    roles: tuple[RosterRole, ...]
    gone: frozenset[str] = frozenset()
    passed_over: frozenset[str] = frozenset()
    orgs_delta: bool = False
    users_delta: bool = False
    roles_delta: bool = False
    notes: tuple[str, ...] = ()
    sha256: str = ""
    rows: int = 0


@dataclass(frozen=True)
class StoredSchool:
    """A school as the store has it."""

    id: int
    source_id: str
    name: str
    is_division: bool
    active: bool


@dataclass(frozen=True)
class StoredPerson:
    """A person as the store has them. `source_id` None: they did not come with a roster."""

    id: int
    source_id: str | None
    given_name: str
    family_name: str
    email: str
    kind: PersonKind
    position: str
    school_id: int | None
    active: bool
    leaves_on: date | None = None


@dataclass(frozen=True)
class StoredRole:
    """An office that stands today or later, or that a person ended.

    `said_last`: the last day that a person said.
    """

    id: int
    person_id: int
    kind: str
    school_id: int | None
    ends_on: date | None
    source: str
    holder: str = ""  # the person's name, for the preview
    starts_on: date = date.min
    said_last: date | None = None


@dataclass(frozen=True)
class RosterState:
    """What the store has, read in the transaction that will change it.

    `closed`: offices that a person ended, and that are over.
    """

    schools: tuple[StoredSchool, ...] = ()
    people: tuple[StoredPerson, ...] = ()
    roles: tuple[StoredRole, ...] = ()
    closed: tuple[StoredRole, ...] = ()


@dataclass(frozen=True)
class SchoolChange:
    """Fields of a school that become different: name of the field, value before, value after."""

    school: StoredSchool
    fields: tuple[tuple[str, object, object], ...]


@dataclass(frozen=True)
class PersonChange:
    """Fields of a person that become different. `school` fields hold sourcedIds.

    `back`: they were inactive. `new_id`: they were found by their e-mail address, under another sourcedId.
    """

    person: StoredPerson
    fields: tuple[tuple[str, object, object], ...]
    back: bool = False
    new_id: bool = False

    def new(self, field: str) -> object:
        """The new value of a field that changes; None for one that does not."""
        return next((now for name, _, now in self.fields if name == field), None)


@dataclass(frozen=True)
class SameQuestion:
    """Whether a person of the file, under a new sourcedId and new names, is the one who has their address."""

    stored: StoredPerson
    person: RosterPerson


@dataclass(frozen=True)
class RosterDifference:
    """Everything that an import would do.

    `freed_people`: their address is somebody else's now. `questions`: who is the same has to be said first;
    until then both stay as they are. `wrong`: rows that can't be used, a sentence with its place each.
    `gone_people` left, the file says. `missing_people` are only not in it, and were not missing yet, as
    `still_missing` were;
    `found_people` were missing and are in it again. They and `ending_roles`, the offices that it leaves out,
    stand through `stands_through`. `emptied_offices`: kind and school's sourcedId of offices that somebody
    holds now and nobody would. `stays_ended`: offices that the file still has, and that a person ended.
    `school_names`: by our number and by sourcedId.
    `people_names`: of the file's people, by sourcedId.
    """

    new_schools: tuple[RosterOrg, ...] = ()
    changed_schools: tuple[SchoolChange, ...] = ()
    gone_schools: tuple[StoredSchool, ...] = ()
    new_people: tuple[RosterPerson, ...] = ()
    changed_people: tuple[PersonChange, ...] = ()
    gone_people: tuple[StoredPerson, ...] = ()
    missing_people: tuple[StoredPerson, ...] = ()
    still_missing: tuple[StoredPerson, ...] = field(default=(), compare=False)
    found_people: tuple[StoredPerson, ...] = ()
    started_roles: tuple[RosterRole, ...] = ()
    changed_roles: tuple[tuple[StoredRole, date | None], ...] = ()
    ended_roles: tuple[StoredRole, ...] = ()
    ending_roles: tuple[StoredRole, ...] = ()
    freed_people: tuple[StoredPerson, ...] = ()
    questions: tuple[SameQuestion, ...] = ()
    wrong: tuple[tuple[str, Place], ...] = ()
    stands_through: date | None = field(default=None, compare=False)
    active_before: int = field(default=0, compare=False)
    stays_ended: tuple[StoredRole, ...] = field(default=(), compare=False)
    emptied_offices: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    offices_before: int = field(default=0, compare=False)
    school_names: Mapping[int | str, str] = field(default_factory=dict, compare=False)
    people_names: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def count(self) -> int:
        """How many rows of the store would change."""
        return sum(
            len(part)
            for part in (
                self.new_schools,
                self.changed_schools,
                self.gone_schools,
                self.new_people,
                self.changed_people,
                self.gone_people,
                self.missing_people,
                self.found_people,
                self.started_roles,
                self.changed_roles,
                self.ended_roles,
                self.ending_roles,
                self.freed_people,
            )
        )
