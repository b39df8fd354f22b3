"""Frozen facts: everything that a decision may look at, gathered beforehand in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from schemas.outcome import RoleAt
from schemas.states import AccessState, AccountState, IncidentState, RequestState
from schemas.words import AccessEnd, ChannelKind, CustodyMode, ItemKind, ItemState, PageVerdict, PersonKind


@dataclass(frozen=True)
class Candidate:
    """Somebody named as administrator, seen from one account or request.

    `holds_office`: a school administrator there, or the Communications Officer or a designated
    person, today.
    """

    person_id: int
    active: bool
    kind: PersonKind
    holds_office: bool


@dataclass(frozen=True)
class SameHandle:
    """Who else has a handle, or one that looks the same: an account, and requests that wait."""

    account: int | None = None
    requests: tuple[int, ...] = ()


@dataclass(frozen=True)
class RequestFacts:
    """A request as handed in, and what is known of the people it names.

    `same_asked_for`: other requests that wait, for the same handle or one that looks the same.
    """

    id: int
    state: RequestState
    version: int
    revision: int
    state_since: datetime
    requester_id: int
    level: str
    channel: ChannelKind
    platform: str
    handle: str
    handle_taken: bool
    school_id: int | None
    purpose: str
    audience: str
    tools_considered: tuple[str, ...]
    why_not: str
    administrators: tuple[Candidate, ...]
    custody: CustodyMode
    same_asked_for: tuple[int, ...] = ()
    mend_by: date | None = None  # of the open item that asks to mend it


@dataclass(frozen=True)
class Authority:
    """Who may decide one request today: the holders of the office, and of the one that steps in.

    `climbed`: the holders of the offices to which its open item has climbed. Who is asked may decide.
    `under`: who works under the requester, as far as supervisors are named. `at_school`: the office is one
    of a school, whose head and assistants hold it together.
    """

    requester_id: int
    holders: tuple[tuple[int, int | None], ...]  # person, and whom they deputize for
    otherwise: tuple[tuple[int, int | None], ...]
    climbed: tuple[tuple[int, int | None], ...] = ()
    under: frozenset[int] = frozenset()
    at_school: bool = False


@dataclass(frozen=True)
class Asked:
    """An open item: its last day, and when a mail server took the letter that asked; None: none has yet."""

    due_on: date
    told_at: datetime | None = None


@dataclass(frozen=True)
class AccessFacts:
    """One person's access, and how the person stands with the gates."""

    id: int
    state: AccessState
    version: int
    suspended_for: str | None
    person_id: int
    person_active: bool
    account_id: int
    account_state: AccountState
    level: str
    channel: ChannelKind
    training_required: bool | None  # the approver's own word
    completions: Mapping[str, date]  # by course: the latest completion that was not voided
    acknowledged: frozenset[tuple[str, str]]  # texts that are acknowledged once a person: id and version
    accepted: frozenset[tuple[str, str]]  # and those of this account
    voided: frozenset[str] = frozenset()  # courses with a later completion, voided as false
    sent: frozenset[tuple[str, str]] = frozenset()  # every text that was sent, acknowledged or not
    asked: Mapping[str, Asked] = field(default_factory=dict)  # open items of the access and its person
    custody: CustodyMode = CustodyMode.PERSONAL_ADMINISTRATORS
    knows_secret: bool = False  # has the account's shared secret as it is now
    nobody_else: bool = False  # the account is live, and nobody else who is here can reach it
    beside: tuple[int, ...] = ()  # who else has granted access to the account and is here
    account_asked: frozenset[str] = frozenset()  # keys of the open action items of its account
    ends_on: date | None = None  # its last day, as the person was told
    ends_for: AccessEnd | None = None
    proposed_by_id: int | None = None  # who named them, while nobody who approves has decided
    school_id: int | None = None  # the account's


@dataclass(frozen=True)
class SuccessorFacts:
    """Who administers a live account and stays, and who leaves it when.

    `leaving`: by person, the last day with access or at work, as it is known today. `named`: who waits for
    access. `reached`: whether anybody who is here can reach it. `asked`: whether somebody is asked for a
    successor; `came`: whether one has access since. `moved`: whether it is asked if somebody who moved stays,
    or who follows. `now`, `after`: who administers it today and once these have gone, as they count for what
    its level needs; `until`: by person, the last day on which they do.
    """

    account_id: int
    account_state: AccountState
    level: str
    school_id: int | None
    staying: tuple[int, ...] = ()
    leaving: Mapping[int, date] = field(default_factory=dict)
    named: tuple[int, ...] = ()
    reached: bool = True
    asked: bool = False
    came: bool = False
    moved: bool = False
    now: tuple[Candidate, ...] = ()
    after: tuple[Candidate, ...] = ()
    until: Mapping[int, date] = field(default_factory=dict)


@dataclass(frozen=True)
class RotationFacts:
    """An account's shared password: when it was changed last, and when a knower lost access last.

    `administrators`: who has granted access and is here. `asked`: keys of its open items to change it.
    """

    account_id: int
    account_state: AccountState
    custody: CustodyMode
    changed_at: datetime
    lost_at: datetime | None
    administrators: tuple[int, ...]
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ListReviewFacts:
    """The list of an account's administrators: when somebody looked at it last on the platform.

    `administrators`: who has granted access and is here. `asked`: keys of its open items to look at it.
    """

    account_id: int
    account_state: AccountState
    custody: CustodyMode
    reviewed_at: datetime
    administrators: tuple[int, ...]
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SchoolListFacts:
    """A school's list of accounts: when its administration confirmed it last, and what stands on it.

    `accounts` are those that have not ended; `holders`, in the same order, the people with access to each.
    `asked`: keys of its open items to confirm the list.
    """

    school_id: int
    active: bool
    confirmed_at: datetime | None
    accounts: tuple[int, ...] = ()
    holders: tuple[tuple[int, ...], ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Violation:
    """An open finding of an account, and how far it has gone on its way to a suspension.

    `mend_by`: the day that its open action items name; None: nobody is asked now. `told_at`: when a mail
    server first took the notice that names that day; None: none has yet. `seen`: False where the fault of a
    page was not seen: nobody looked, or it could not be read. `due_on`: the day through which people have
    time before anything is announced, as after a text was sent; None where they are late already.
    `asked_at`: when the newest of those items was opened.
    """

    finding_id: int
    control: str
    person_id: int  # 0: about the account alone
    mend_by: date | None = None
    told_at: datetime | None = None
    seen: bool = True
    due_on: date | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True)
class Keeper:
    """Somebody who is here and has granted access to an account. `away`: in an absence that stands today."""

    person_id: int
    access_id: int
    access_version: int
    away: bool = False


@dataclass(frozen=True)
class SuspensionFacts:
    """An account with findings that may lead to suspension, or that is suspended for some.

    `custodians`: people who are here, hold the office that must be able to reach it, and whose own access to
    it is not suspended; nobody where nothing shows that the office can reach it.
    `never_suspended`: findings do not suspend it: it is a channel for emergencies, or exempt today.
    `exempt_through`: the last day of its exemption, which may be over.
    `suspended_at`: where Steward itself suspended it. `mended`: keys of the open items whose finding is
    resolved. `asked`: keys of every open item about it or its findings. `onlookers`: the offices of which
    somebody may say what its page shows, who does not administer it; the nearest first.
    """

    account_id: int
    account_state: AccountState
    version: int
    level: str
    school_id: int | None
    custodians: tuple[int, ...]
    administrators: tuple[Keeper, ...]
    violations: tuple[Violation, ...] = ()  # the oldest first
    mended: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()
    suspended_at: datetime | None = None
    never_suspended: bool = False
    exempt_through: date | None = None
    is_shown: bool = False  # something shows that its custodian can reach it
    onlookers: tuple[RoleAt, ...] = ()


@dataclass(frozen=True)
class Administrator:
    """An administrator of an account, and whether the person has access now.

    `elsewhere`: the person holds or waits for access to another account too.
    """

    access_id: int
    access_version: int
    access_state: AccessState
    candidate: Candidate
    elsewhere: bool = False


@dataclass(frozen=True)
class AccountFacts:
    """An account on its way to going live."""

    id: int
    state: AccountState
    version: int
    state_since: datetime
    level: str
    school_id: int | None
    platform: str
    custody: CustodyMode
    requester_id: int | None
    request_id: int | None
    administrators: tuple[Administrator, ...]
    reported_at: datetime | None
    vault_reference: str | None
    custodian_is_administrator: bool
    privacy_version: str | None  # of the newest attestation
    privacy_unmet: tuple[str, ...]
    page_check_id: int | None  # the newest look since the report
    page_verdict: PageVerdict | None
    asked: frozenset[str] = frozenset()  # keys of its open action items
    onlookers: tuple[RoleAt, ...] = ()  # may say what a page shows that could not be read, nearest first
    closes_on: date | None = None  # its last day, as everybody concerned was told


@dataclass(frozen=True)
class ProfileOwner:
    """An administrator with access, whose name and position the account's profile may show."""

    person_id: int
    given_name: str
    family_name: str
    position: str  # as the roster has it; empty where it has none


@dataclass(frozen=True)
class EnquiryFacts:
    """A question of the public, and who is asked to answer it.

    `administrators`: who is here and has access to its account. `asked`: the keys of its open items.
    """

    id: int
    account_id: int
    level: str
    in_use: bool
    due_on: date
    ended: bool
    administrators: tuple[int, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class IncidentFacts:
    """A report, and who holds the offices that may decide on it today: person, and whom they stand in for.

    `offices`: the one that decides now, and the one that steps in; `barred`: who reported it, whom it is
    about, and on an appeal who decided first. `away`: who of them is away, with a deputy. `climbed`: who
    holds an office to which it has climbed.
    """

    id: int
    state: IncidentState
    version: int
    under: str
    reported_by_id: int
    person_id: int | None
    person_active: bool
    answer_by: date | None
    appeal_by: date | None
    offices: tuple[tuple[RoleAt, tuple[tuple[int, int | None], ...]], ...]
    barred: frozenset[int]
    away: frozenset[int] = frozenset()
    climbed: tuple[tuple[int, int | None], ...] = ()
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AdvisedFacts:
    """One person and the advice that was sent to them.

    `reaches`: level and channel of each account that they have access to. `sent`: by text and version, the
    latest day on which it was sent; `last_letter`: the latest day of any.
    """

    person_id: int
    active: bool
    kind: PersonKind
    reaches: frozenset[tuple[str, ChannelKind]] = frozenset()
    sent: Mapping[tuple[str, str], date] = field(default_factory=dict)
    last_letter: date | None = None


@dataclass(frozen=True)
class PendingItem:
    """An action item, and who there is today to be reminded of it or to be asked instead.

    `asked` are the people to remind: whoever was asked, a deputy while that person is absent, or whoever
    holds the office; none where nobody is left who may do it. `ladder` has, for each climb that the policy
    sets for the kind and in its order, the people of that office; None where it is the office asked already.
    """

    id: int
    key: str
    kind: ItemKind
    state: ItemState
    opened_at: datetime
    due_on: date
    reminders: int
    climbed_to: str | None
    next_step_on: date | None
    asked: tuple[int, ...]
    ladder: tuple[tuple[int, ...] | None, ...]
    person_left: bool = False  # it was asked of a person, who is not here any more
    person_away: bool = False  # it was asked of a person, who is absent today
    asked_of_others: bool = False  # the same is asked of somebody else too, about the same subject
    mail_refused: bool = False  # it was asked of a person whom no mail reaches
    has_consequence: bool = False  # a suspension follows its last day: offices hear of it before
