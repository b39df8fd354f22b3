"""A division to measure on: seeded, two accesses an account, few violators of each rule."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlmodel import SQLModel

from deployments.sample.words import Guideline, Level, Platform, RoleKind
from policy.gates import course_meant
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.evidence import ListReview, PageCheck, PrivacyReview, ProfileCheck, Rotation
from schemas.gates import Acceptance, Completion, GuidelineReceipt
from schemas.people import Designation, Person, Role, School
from schemas.public import Correction, Enquiry
from schemas.states import AccessState, AccountState
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
from tests.support.rules import the_notice

SEED = 151
TODAY = date(2026, 10, 20)
NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
#: How many of a hundred violate a rule.
SHARE = 0.02
ACCOUNTS_A_SCHOOL = 40
TEACHERS = 8
AT_ONCE = 5000
#: So many accounts are drawn; more are the same ones with other numbers.
DRAWN = 10_000

SUPERINTENDENT, OFFICER, DESIGNATED, FIRST = 1, 2, 3, 4
_PEOPLE_A_SCHOOL = TEACHERS + 1

Row = dict[str, Any]


def ago(days: int) -> datetime:
    return datetime.combine(TODAY - timedelta(days=days), time(18), UTC)


class Maker:
    """The rows of each table, one after the other, never all at once in memory."""

    def __init__(
        self, accounts: int, policy: Policy, seed: int = SEED, *, schools: int | None = None
    ) -> None:
        self.count, self.policy, self.seed = accounts, policy, seed
        self.schools = schools or max(2, accounts // ACCOUNTS_A_SCHOOL)
        self.people = self.schools * _PEOPLE_A_SCHOOL  # beside the division's own office

    def tables(self) -> Iterator[tuple[type[SQLModel], Iterator[Row]]]:
        yield School, self._schools()
        yield Person, self._people()
        yield Role, self._roles()
        yield Designation, iter([self._designation()])
        yield Completion, self._completions()
        yield GuidelineReceipt, self._receipts()
        yield Account, self._accounts()
        yield Access, self._accesses()
        yield Acceptance, self._acceptances()
        yield PrivacyReview, self._reviews()
        yield PageCheck, self._checks()
        yield ProfileCheck, self._profile_checks()
        yield Rotation, self._rotations()
        yield ListReview, self._list_reviews()
        yield Enquiry, self._enquiries()
        yield Correction, self._corrections()

    def _random(self, salt: str) -> Random:
        return Random(f"{self.seed}/{salt}")

    def _person_ids(self) -> range:
        return range(1, FIRST + self.people)

    def _principal(self, school: int) -> int:
        return FIRST + (school - 1) * _PEOPLE_A_SCHOOL

    def _schools(self) -> Iterator[Row]:
        for number in range(1, self.schools + 1):
            yield {"id": number, "source_id": f"s{number}", "name": f"Sample School {number}"}

    def _people(self) -> Iterator[Row]:
        random = self._random("people")
        for number in self._person_ids():
            yield {
                "id": number,
                "given_name": f"Given{number}",
                "family_name": f"Sample{number}",
                "email": f"person{number}@example.org",
                "kind": PersonKind.STAFF,
                "position": "teacher",
                "active": number < FIRST or random.random() > 0.002,
            }

    def _roles(self) -> Iterator[Row]:
        since = {"starts_on": date(2020, 9, 1), "source": "roster"}
        yield {"person_id": SUPERINTENDENT, "kind": RoleKind.SUPERINTENDENT, "school_id": None, **since}
        yield {"person_id": OFFICER, "kind": RoleKind.COMMUNICATIONS_OFFICER, "school_id": None, **since}
        for school in range(1, self.schools + 1):
            kind = RoleKind.SCHOOL_ADMINISTRATOR
            yield {"person_id": self._principal(school), "kind": kind, "school_id": school, **since}

    def _designation(self) -> Row:
        return {
            "person_id": DESIGNATED,
            "designated_by_id": SUPERINTENDENT,
            "starts_on": date(2020, 9, 1),
        }

    def _completions(self) -> Iterator[Row]:
        random = self._random("completions")
        for person in self._person_ids():
            for days in (random.randint(400, 700), random.randint(1, 360)):
                if days > 360 or random.random() > SHARE:
                    yield {
                        "person_id": person,
                        "course": course_meant(self.policy).id,
                        "completed_on": TODAY - timedelta(days=days),
                        "source": "import 1",
                        "recorded_via": Via.IMPORT,
                        "recorded_at": NOW,
                    }

    def _receipts(self) -> Iterator[Row]:
        random = self._random("receipts")
        for person in self._person_ids():
            for guideline in Guideline:
                text_of = self.policy.text(guideline)
                yield {
                    "person_id": person,
                    "guideline": guideline,
                    "guideline_version": text_of.version,
                    "sent_at": ago(50),
                    "acknowledged_at": ago(49) if random.random() > SHARE else None,
                    "recorded_via": Via.COMMAND,
                }

    def _level(self, number: int) -> str:
        if number % 100 == 0:
            return Level.DIVISION
        return Level.CLASSROOM if number % 10 < 3 else Level.SCHOOL

    def _school(self, number: int) -> int:
        return 1 + (number - 1) // ACCOUNTS_A_SCHOOL % self.schools

    def _accounts(self) -> Iterator[Row]:
        random = self._random("accounts")
        platforms, modes = tuple(Platform), tuple(CustodyMode)
        for number in range(1, self.count + 1):
            level = self._level(number)
            custody = modes[number % 3]
            shown = random.random() > SHARE
            live = random.random() < 0.95
            platform = platforms[number % len(platforms)]
            yield {
                "id": number,
                "level": level,
                "channel": ChannelKind.WEBSITE if number % 5 == 0 else ChannelKind.SOCIAL_MEDIA,
                "platform": platform,
                "handle": f"@sample.{number}",
                "handle_key": f"sample.{number}",
                "purpose": "News of the school for its families, its neighbours and everybody who asks.",
                "school_id": None if level == Level.DIVISION else self._school(number),
                "custody": custody,
                "address": f"https://pages.example.org/sample.{number}",
                "platform_id": str(10**9 + number),
                "vault_reference": f"vault/sample-{number}"
                if shown and custody is CustodyMode.SHARED_PASSWORD
                else None,
                "custodian_is_administrator": shown and custody is not CustodyMode.SHARED_PASSWORD,
                "live_since": ago(800),
                "state": AccountState.LIVE if live else AccountState.CLOSED,
                "state_since": ago(800),
                "version": 3,
            }

    def _accesses(self) -> Iterator[Row]:
        random = self._random("accesses")
        for number in range(1, self.count + 1):
            state = AccessState.GRANTED
            for person in self.administrators(number):
                lost = random.random() < SHARE / 4
                yield {
                    "account_id": number,
                    "person_id": person,
                    "role": AccessRole.ADMINISTRATOR,
                    "knows_secret_since": date(2024, 9, 1) if number % 3 == 0 else None,
                    "state": AccessState.SUSPENDED if lost else state,
                    "state_since": ago(5) if lost else ago(800),
                    "version": 2,
                }

    def administrators(self, number: int) -> tuple[int, int]:
        """Two people: of the office, a principal and a teacher, or two teachers; a few not as asked."""
        random = Random(self.seed * 1_000_003 + number)
        level, principal = self._level(number), self._principal(self._school(number))
        one, other = random.sample(range(1, TEACHERS + 1), 2)
        if level == Level.CLASSROOM or random.random() < SHARE:
            return principal + one, principal + other
        if level == Level.DIVISION:
            return random.choice((OFFICER, DESIGNATED)), principal + other
        return principal, principal + other

    def _acceptances(self) -> Iterator[Row]:
        random, accepted = self._random("acceptances"), self.policy.text("personal responsibility")
        for number in range(1, self.count + 1):
            for person in self.administrators(number):
                if random.random() > SHARE:
                    yield {
                        "person_id": person,
                        "account_id": number,
                        "text": accepted.id,
                        "text_version": accepted.version,
                        "accepted_at": ago(700),
                        "recorded_via": Via.COMMAND,
                    }

    def _reviews(self) -> Iterator[Row]:
        random, platforms = self._random("reviews"), tuple(Platform)
        versions = {one.platform: one.version for one in self.policy.checklists}
        for number in range(1, self.count + 1):
            for days in (random.randint(400, 700), random.randint(1, 360)):
                bad = days < 400 and random.random() < SHARE
                yield {
                    "account_id": number,
                    "checklist_version": "2025-1" if bad else versions[platforms[number % len(platforms)]],
                    "unmet": [],
                    "attested_by_id": OFFICER,
                    "attested_at": ago(days),
                    "recorded_via": Via.COMMAND,
                    "latest": days < 400,
                }

    def _checks(self) -> Iterator[Row]:
        random = self._random("checks")
        page = "Welcome to our school. " * 20
        for number in range(1, self.count + 1):
            for days in (60, 30, 1):
                bad = random.random() < SHARE
                yield {
                    "account_id": number,
                    "checked_at": ago(days),
                    "verdict": PageVerdict.MISSING if bad else PageVerdict.LINKED,
                    "notice_version": the_notice(self.policy).version,
                    "address": f"https://pages.example.org/sample.{number}",
                    "http_status": 200,
                    "statements": [],
                    "detail": "The page links to the notice.",
                    "latest": days == 1,
                    "text": page,
                }

    def _profile_checks(self) -> Iterator[Row]:
        """Two looks at each classroom account's profile; a few do not show whose it is (6.3)."""
        random = self._random("profiles")
        for number in range(1, self.count + 1):
            if self._level(number) != Level.CLASSROOM:
                continue
            for days in (30, 1):
                shown = random.random() > SHARE
                yield {
                    "account_id": number,
                    "person_id": self.administrators(number)[0] if shown else None,
                    "checked_at": ago(days),
                    "shown": shown,
                    "detail": "The profile shows the name and the position of one who administers it.",
                    "latest": days == 1,
                }

    def _rotations(self) -> Iterator[Row]:
        random = self._random("rotations")
        for number in range(3, self.count + 1, 3):
            for days in (500, random.randint(1, 360)):
                if days == 500 or random.random() > SHARE:
                    yield {
                        "account_id": number,
                        "rotated_at": ago(days),
                        "rotated_by_id": OFFICER,
                        "evidence": f"vault/sample-{number}",
                        "reason": "a year is over",
                        "recorded_via": Via.COMMAND,
                    }

    def _list_reviews(self) -> Iterator[Row]:
        """Two looks at each list of administrators where no password is shared; a few are too old (11)."""
        random = self._random("list reviews")
        for number in range(1, self.count + 1):
            if number % 3 == 0:
                continue
            for days in (500, random.randint(1, 360)):
                if days == 500 or random.random() > SHARE:
                    yield {
                        "account_id": number,
                        "reviewed_at": ago(days),
                        "reviewed_by_id": OFFICER,
                        "removed": [],
                        "recorded_via": Via.COMMAND,
                    }

    def _enquiries(self) -> Iterator[Row]:
        """Three questions of the public at each account; a few wait for longer than they should (12)."""
        random = self._random("enquiries")
        for number in range(1, self.count + 1):
            for days in (200, 60, 20):
                waits = days == 20 and random.random() < SHARE
                yield {
                    "account_id": number,
                    "platform": "instagram",
                    "asks": "When does the term begin?",
                    "asked_at": ago(days),
                    "logged_at": ago(days),
                    "logged_by_id": OFFICER,
                    "recorded_via": Via.COMMAND,
                    "due_at": ago(days - 3),
                    "due_on": TODAY - timedelta(days=days - 3),
                    "ended_at": None if waits else ago(days - 1),
                    "ended_by_id": None if waits else OFFICER,
                    "ended_as": None if waits else EnquiryEnd.IN_PUBLIC,
                }

    def _corrections(self) -> Iterator[Row]:
        """At each account something misleading was put right; at a few it is not yet (12.3)."""
        random = self._random("corrections")
        for number in range(1, self.count + 1):
            for days in (100, 40):
                waits = days == 40 and random.random() < SHARE
                yield {
                    "account_id": number,
                    "says": "The term begins on Monday.",
                    "reported_at": ago(days),
                    "reported_by_id": OFFICER,
                    "recorded_via": Via.COMMAND,
                    "due_on": TODAY - timedelta(days=days - 7),
                    "acknowledged_at": None if waits else ago(days - 1),
                    "acknowledged_by_id": None if waits else OFFICER,
                    "ended_at": None if waits else ago(days - 2),
                    "ended_by_id": None if waits else OFFICER,
                    "ended_as": None if waits else CorrectionEnd.CORRECTED,
                }
