"""Rows for tests: builders with defaults that hold every rule, and whole divisions full of edge cases.

Ids are given, never drawn, so that a plain-Python oracle can follow them. People are plainly made up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import text, update
from sqlmodel import SQLModel, col

from deployments.sample.words import Guideline, Level, Platform, RoleKind
from policy.zones import zone
from schemas.accounts import Access, Account
from schemas.evidence import CheckIn, ListReview, PageCheck, PrivacyReview, ProfileCheck, Rotation
from schemas.gates import Acceptance, Completion, GuidelineReceipt
from schemas.people import Designation, Person, Role, School
from schemas.public import Correction, Enquiry
from schemas.states import AccessState, AccountState
from schemas.tables import metadata
from schemas.words import (
    AccessRole,
    ChannelKind,
    CorrectionEnd,
    CustodyMode,
    EnquiryEnd,
    PageVerdict,
    PersonKind,
    Via,
)
from tasks.store.session import Session

LONG_AGO = datetime(2020, 9, 1, 15, 0, tzinfo=UTC)
COURSE = "focus-on-privacy"
ZONE = zone("America/Edmonton")
#: The versions of the policy file: of the guidelines, the checklists and the notice.
GUIDELINE, CHECKLIST, NOTICE = "2026-1", "2026-1", "2026-09"


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


def a_receipt(person: int, guideline: Guideline = Guideline.SOCIAL_MEDIA, **changes: Any) -> GuidelineReceipt:
    """A guideline in its present version, sent and acknowledged."""
    given = {
        "person_id": person,
        "guideline": guideline,
        "guideline_version": GUIDELINE,
        "sent_at": LONG_AGO,
        "acknowledged_at": LONG_AGO,
        "recorded_via": Via.COMMAND,
    }
    return GuidelineReceipt(**{**given, **changes})


def an_acceptance(account: int, person: int) -> Acceptance:
    """Responsibility accepted."""
    return Acceptance(
        account_id=account,
        person_id=person,
        text="personal responsibility",
        text_version="2026-1",
        accepted_at=LONG_AGO,
        recorded_via=Via.COMMAND,
    )


def a_designation(person: int, *, account: int | None = None, **changes: Any) -> Designation:
    """Designated by person 1 since long ago, without an end."""
    given = {
        "person_id": person,
        "designated_by_id": 1,
        "account_id": account,
        "starts_on": date(2020, 9, 1),
    }
    return Designation(**{**given, **changes})


def a_review(account: int, attested_at: datetime, **changes: Any) -> PrivacyReview:
    """Privacy settings attested in full by person 1 against the present checklist."""
    given = {
        "account_id": account,
        "checklist_version": CHECKLIST,
        "unmet": [],
        "attested_by_id": 1,
        "attested_at": attested_at,
        "recorded_via": Via.COMMAND,
    }
    return PrivacyReview(**{**given, **changes})


def a_check(account: int, checked_at: datetime, **changes: Any) -> PageCheck:
    """A look that found the present notice."""
    given = {
        "account_id": account,
        "checked_at": checked_at,
        "verdict": PageVerdict.EXACT,
        "notice_version": NOTICE,
        "address": f"https://www.example.org/sample.{account}",
    }
    return PageCheck(**{**given, **changes})


def a_profile_check(account: int, checked_at: datetime, **changes: Any) -> ProfileCheck:
    """A look that found the name and the position of person 1 on the profile."""
    given = {"account_id": account, "person_id": 1, "checked_at": checked_at, "shown": True}
    return ProfileCheck(**{**given, **changes})


def a_rotation(account: int, rotated_at: datetime, **changes: Any) -> Rotation:
    """A change of the shared password by person 1."""
    given = {
        "account_id": account,
        "rotated_at": rotated_at,
        "rotated_by_id": 1,
        "evidence": f"vault/sample-{account}",
        "recorded_via": Via.COMMAND,
    }
    return Rotation(**{**given, **changes})


def a_list_review(account: int, reviewed_at: datetime, **changes: Any) -> ListReview:
    """Person 1 looked at who administers an account."""
    given = {
        "account_id": account,
        "reviewed_at": reviewed_at,
        "reviewed_by_id": 1,
        "removed": [],
        "recorded_via": Via.COMMAND,
    }
    return ListReview(**{**given, **changes})


def a_check_in(account: int, day: date, person: int = 1) -> CheckIn:
    """Somebody looked at an account on a day (9)."""
    said_at = datetime.combine(day, time(15), ZONE).astimezone(UTC)
    return CheckIn(account_id=account, day=day, person_id=person, said_at=said_at, recorded_via=Via.COMMAND)


def an_enquiry(account: int, due_on: date, **changes: Any) -> Enquiry:
    """A question of the public that waits, to be answered by noon of a day."""
    due_at = datetime.combine(due_on, time(12), ZONE).astimezone(UTC)
    given = {
        "account_id": account,
        "platform": Platform.INSTAGRAM,
        "asks": "When does school begin?",
        "asked_at": due_at - timedelta(days=1),
        "logged_at": due_at - timedelta(days=1),
        "logged_by_id": 1,
        "recorded_via": Via.COMMAND,
        "due_at": due_at,
        "due_on": due_on,
    }
    return Enquiry(**{**given, **changes})


def a_correction(account: int | None, due_on: date, **changes: Any) -> Correction:
    """Something misleading that was reported, with the day of its next step."""
    given = {
        "account_id": account,
        "says": "School begins at ten.",
        "reported_at": LONG_AGO,
        "reported_by_id": 1,
        "recorded_via": Via.COMMAND,
        "due_on": due_on,
    }
    return Correction(**{**given, **changes})


@dataclass
class Division:
    """The rows of a division, by kind."""

    schools: list[School] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    completions: list[Completion] = field(default_factory=list)
    designations: list[Designation] = field(default_factory=list)
    receipts: list[GuidelineReceipt] = field(default_factory=list)
    acceptances: list[Acceptance] = field(default_factory=list)
    reviews: list[PrivacyReview] = field(default_factory=list)
    checks: list[PageCheck] = field(default_factory=list)
    profiles: list[ProfileCheck] = field(default_factory=list)
    rotations: list[Rotation] = field(default_factory=list)
    list_reviews: list[ListReview] = field(default_factory=list)
    check_ins: list[CheckIn] = field(default_factory=list)
    enquiries: list[Enquiry] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)

    def rows(self) -> list[SQLModel]:
        """Every row."""
        return [
            *self.schools,
            *self.people,
            *self.roles,
            *self.accounts,
            *self.accesses,
            *self.completions,
            *self.designations,
            *self.receipts,
            *self.acceptances,
            *self.reviews,
            *self.checks,
            *self.profiles,
            *self.rotations,
            *self.list_reviews,
            *self.check_ins,
            *self.enquiries,
            *self.corrections,
        ]


async def put(session: Session, *rows: SQLModel) -> None:
    """Add rows whose ids may be given; the ids that the database draws later come after those.

    Of the evidence about an account what comes last is the latest.
    """
    await _supersede(session, rows)
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


async def _supersede(session: Session, rows: Sequence[SQLModel]) -> None:
    for kind in (PageCheck, PrivacyReview, ProfileCheck):
        last = {row.account_id: row for row in rows if isinstance(row, kind)}
        for row in rows:
            if isinstance(row, kind):
                row.latest = last[row.account_id] is row
        if last:
            await session.exec(update(kind).where(col(kind.account_id).in_(last)).values(latest=False))


def a_division(random: Random, today: date, *, valid_days: int = 365, accounts: int = 6) -> Division:
    """A small division whose dates lie on every edge around `today`, and whose people hold odd mixtures.

    Completions end yesterday, today or tomorrow, or were voided, or are of another course; roles ended
    yesterday or start tomorrow or are held at another school, twice at once or in two offices; people
    have left; accounts are of every level and state. Instants lie on both sides of midnight in the
    division, of one year ago and of other days; evidence is of old versions, or there twice or not at all.
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
        found.designations += _odd_designations(random, number, today, accounts)
        found.receipts += _odd_receipts(random, number, today)
    for number in range(1, random.randint(1, accounts) + 1):
        account = _an_odd_account(random, number, today)
        found.accounts.append(account)
        for person in found.people:
            if random.random() < 0.7:
                found.accesses.append(_an_odd_access(random, number, person.id or 0, today))
                if random.random() < 0.7:
                    found.acceptances.append(an_acceptance(number, person.id or 0))
        _add_odd_evidence(random, found, number, today)
    kept = {account.id for account in found.accounts}
    found.designations = [one for one in found.designations if one.account_id in {None, *kept}]
    return found


def an_instant(random: Random, today: date) -> datetime:
    """On either side of midnight in the division, of a day that may be a year ago, a month, or today."""
    day = today - timedelta(days=random.choice([0, 1, 6, 7, 8, 30, 31, 364, 365, 366, 367, 800]))
    clock = random.choice([time(0), time(0, 0, 0, 1), time(12), time(23, 59, 59, 999999)])
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def _an_odd_access(random: Random, account: int, person: int, today: date) -> Access:
    knows = random.random() < 0.6
    return an_access(
        account,
        person,
        state=random.choice([*[AccessState.GRANTED] * 5, *AccessState]),
        role=random.choice([*[AccessRole.ADMINISTRATOR] * 4, *AccessRole]),
        state_since=an_instant(random, today),
        knows_secret_since=today - timedelta(days=400) if knows else None,
        knows_secret_until=today if knows and random.random() < 0.3 else None,
    )


def _odd_designations(random: Random, person: int, today: date, accounts: int) -> list[Designation]:
    return [
        a_designation(
            person,
            account=random.choice([None, random.randint(1, accounts)]),
            starts_on=today + timedelta(days=random.choice([-400, -1, 0, 1])),
            ends_on=random.choice([None, *(today + timedelta(days=days) for days in (-1, 0, 1))]),
        )
        for _ in range(random.choice([0, 0, 1, 2]))
    ]


def _odd_receipts(random: Random, person: int, today: date) -> list[GuidelineReceipt]:
    return [
        a_receipt(
            person,
            guideline,
            guideline_version=version,
            sent_at=an_instant(random, today),
            acknowledged_at=random.choice([None, LONG_AGO, LONG_AGO]),
        )
        for guideline in Guideline
        for version in (GUIDELINE, "2025-1")
        if random.random() < 0.7
    ]


def _add_odd_evidence(random: Random, found: Division, account: int, today: date) -> None:
    """Looks, attestations and rotations of one account, some twice, some of old versions, some none."""
    for _ in range(random.choice([0, 1, 1, 2])):
        found.reviews.append(
            a_review(
                account,
                an_instant(random, today),
                checklist_version=random.choice([CHECKLIST, CHECKLIST, CHECKLIST, "2025-1"]),
                unmet=random.choice([[], [], [], ["two-step"]]),
            )
        )
    for _ in range(random.choice([0, 1, 1, 2])):
        found.checks.append(
            a_check(
                account,
                an_instant(random, today),
                verdict=random.choice([PageVerdict.EXACT, *PageVerdict]),
                notice_version=random.choice([NOTICE, NOTICE, NOTICE, "2025-09"]),
                good_through=random.choice([None, None, today + timedelta(days=random.randint(-2, 2))]),
            )
        )
    people = [one.id for one in found.people]
    for _ in range(random.choice([0, 1, 1, 2])):
        shown = random.random() < 0.8
        found.profiles.append(
            a_profile_check(
                account,
                an_instant(random, today),
                shown=shown,
                person_id=random.choice(people) if shown else None,
                good_through=random.choice([None, None, today + timedelta(days=random.randint(-2, 2))]),
            )
        )
    for _ in range(random.choice([0, 0, 1, 2])):
        found.rotations.append(a_rotation(account, an_instant(random, today)))
    for _ in range(random.choice([0, 0, 1, 2])):
        found.list_reviews.append(a_list_review(account, an_instant(random, today)))
    for late in random.sample(range(30), random.choice([0, 1, 1, 2])):
        found.check_ins.append(a_check_in(account, today - timedelta(days=late)))
    for late in random.sample(range(-1, 4), random.choice([0, 0, 1, 2])):
        ended = {"ended_at": LONG_AGO, "ended_as": EnquiryEnd.DIRECTLY} if random.random() < 0.5 else {}
        found.enquiries.append(an_enquiry(account, today - timedelta(days=late), **ended))
    for late in random.sample(range(-1, 4), random.choice([0, 0, 1, 2])):
        right = {"ended_at": LONG_AGO, "ended_as": CorrectionEnd.CORRECTED} if random.random() < 0.5 else {}
        where = random.choice([account, account, None])
        found.corrections.append(a_correction(where, today - timedelta(days=late), **right))


def _an_odd_account(random: Random, number: int, today: date) -> Account:
    level = random.choice([*[Level.SCHOOL] * 4, Level.CLASSROOM, Level.CLASSROOM, Level.DIVISION])
    return an_account(
        number,
        level=level,
        school=None if level == Level.DIVISION else random.choice([1, 2]),
        state=random.choice([*[AccountState.LIVE] * 9, *AccountState]),
        training_required=random.choice([None, True, False]),
        channel=random.choice(list(ChannelKind)),
        platform=random.choice(list(Platform)),
        custody=random.choice([CustodyMode.SHARED_PASSWORD, *CustodyMode]),
        vault_reference=random.choice([None, "", f"vault/sample-{number}", f"vault/sample-{number}"]),
        custodian_is_administrator=random.random() < 0.6,
        live_since=random.choice([None, LONG_AGO, an_instant(random, today), an_instant(random, today)]),
        state_since=an_instant(random, today),
        custody_verified_at=None if number % 2 else an_instant(Random(number), today),  # noqa: S311
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
