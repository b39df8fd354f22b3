"""Making the sample division: a seed and a day in, schools, people, accounts and completions out."""

import re
import unicodedata
from datetime import date, timedelta
from random import Random

from deployments.sample.attested import attest
from deployments.sample.division import SampleAccount, SampleDivision, SamplePerson, SampleSchool
from deployments.sample.names import CLUBS, FAMILY, GIVEN, KINDS, OFFICE, PLACES
from deployments.sample.words import Level, Platform
from policy.gates import course_meant
from policy.model import Policy
from schemas.states import AccountState
from schemas.words import ChannelKind, CustodyMode

SEED = 151

_STAFF = 424
_COMPLETED = 332
_LAPSED = 26
_CLASSROOMS = 56

#: How long ago a course that never lapses may lie.
_A_YEAR = 365


def make(seed: int, today: date, policy: Policy) -> SampleDivision:
    """The division as it stands on `today`, a day of the division's zone."""
    random = Random(seed)  # noqa: S311 - a sample that is the same each time, no secret
    division = SampleDivision(today, policy.organization.name)
    _People(random, division).add()
    _Accounts(random, division).add()
    _complete(random, division, course_meant(policy).valid_days or _A_YEAR)
    attest(Random(f"{seed} attested"), division, policy)  # noqa: S311 - as above
    return division


def _folder(platform: str) -> str:
    """How a platform stands in made-up addresses."""
    return Platform(platform).name.lower()


class _People:
    """Schools and staff."""

    def __init__(self, random: Random, division: SampleDivision) -> None:
        self.random, self.division = random, division
        self.taken: set[str] = set()

    def add(self) -> None:
        """The office first, then each school: a principal, assistants, teachers, aides, a secretary."""
        for title, role in (
            ("superintendent", "districtAdministrator"),
            ("communications officer", "districtAdministrator"),
            ("communications assistant", "districtAdministrator"),
            ("IT operator", "systemAdministrator"),
            ("second IT operator", "systemAdministrator"),
            *((title, "districtAdministrator") for title in OFFICE),
        ):
            person = self.person("org-division", role, title.removeprefix("second "))
            self.division.offices.setdefault(title, person.email)
        for number, place in enumerate(PLACES, start=1):
            code = re.sub(r"[^a-z]", "", place.lower())
            name = f"{place} {self.random.choice(KINDS)}"
            self.division.schools.append(SampleSchool(f"org-{number:03}", name, code))
        for school in self.division.schools:
            self.person(school.source_id, "principal")
            for _ in range(self.random.choice((1, 1, 2))):
                self.person(school.source_id, "siteAdministrator")
            self.person(school.source_id, "aide", "secretary")
        places = [school.source_id for school in self.division.schools]
        twin = self.person(places[0], "teacher")
        self.person(places[1], "teacher", names=(twin.given, twin.family))  # two people of one name
        while len(self.division.people) < _STAFF:
            role = self.random.choices(("teacher", "aide", "counselor", "proctor"), (78, 17, 4, 1))[0]
            self.person(self.random.choice(places), role)

    def person(
        self, org: str, role: str, title: str = "", names: tuple[str, str] | None = None
    ) -> SamplePerson:
        """Somebody new; an address that is taken gets a number, as in real divisions."""
        given, family = names or (self.random.choice(GIVEN), self.random.choice(FAMILY))
        plain = f"{_ascii(given)}.{_ascii(family)}"
        local, number = plain, 1
        while local in self.taken:
            number += 1
            local = f"{plain}{number}"
        self.taken.add(local)
        source_id = f"user-{len(self.division.people) + 1:04}"
        person = SamplePerson(source_id, given, family, f"{local}@example.org", org, role, title)
        self.division.people.append(person)
        return person


def _ascii(name: str) -> str:
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z-]", "", flat)


class _Accounts:
    """The accounts that exist already, in every state and on every platform."""

    def __init__(self, random: Random, division: SampleDivision) -> None:
        self.random, self.division = random, division
        self.lacking = iter((0, 17, 41))  # which live school accounts lack somebody (5.4)
        self.live_school_accounts = 0

    def add(self) -> None:
        """The division's own, then the schools', then those of classrooms and programmes."""
        office = self.division.offices
        both = (office["communications officer"], office["communications assistant"])
        for one in Platform:
            platform = one.value
            if platform != Platform.OTHER:
                handle = "nlps.sample" if platform != Platform.WEBSITE else "www.nlps-sample.example.org"
                self.account(Level.DIVISION, platform, handle, "", both, AccountState.LIVE)
        skipped = next(self.lacking)
        for school in self.division.schools:
            for platform in self.platforms():
                skipped = self.school_account(school, platform, skipped)
        for _ in range(_CLASSROOMS):
            self.classroom()

    def platforms(self) -> list[str]:
        """What a school has: a website and Facebook nearly always, others as they come."""
        chance = {
            Platform.WEBSITE: 1.0,
            Platform.FACEBOOK: 0.95,
            Platform.INSTAGRAM: 0.85,
            Platform.CALL_OUT: 0.45,
            Platform.X: 0.4,
            Platform.YOUTUBE: 0.4,
            Platform.TIKTOK: 0.15,
            Platform.BLUESKY: 0.15,
            Platform.LINKEDIN: 0.1,
        }
        return [platform for platform, share in chance.items() if self.random.random() < share]

    def school_account(self, school: SampleSchool, platform: str, skipped: int) -> int:
        """One account of a school; every now and then the people that 5.4 asks for are not there."""
        state = self.random.choices(
            (
                AccountState.LIVE,
                AccountState.CLOSED,
                AccountState.SUSPENDED,
                AccountState.PREPARING,
                AccountState.APPROVED,
            ),
            (84, 6, 4, 3, 3),
        )[0]
        heads = [*self.division.at(school, "principal"), *self.division.at(school, "siteAdministrator")]
        others = [*self.division.at(school, "teacher"), *self.division.at(school, "aide")]
        second = self.random.choice(others)
        people = [heads[0], second]
        if len(heads) > 1 and self.random.random() < 0.3:  # noqa: PLR2004 - some have the assistant too
            people.append(heads[1])
        if state is AccountState.LIVE:
            if self.live_school_accounts == skipped:
                people = [heads[0]] if skipped else [one for one in others if one.role == "teacher"][:2]
                skipped = next(self.lacking, -1)
            self.live_school_accounts += 1
        handle = f"www.{school.code}.example.org" if platform == Platform.WEBSITE else f"{school.code}.sample"
        self.account(Level.SCHOOL, platform, handle, school.name, tuple(one.email for one in people), state)
        return skipped

    def classroom(self) -> None:
        """An account of a class, a team or a programme, run by one teacher or two."""
        school = self.random.choice(self.division.schools)
        platform = self.random.choice(
            (
                Platform.INSTAGRAM,
                Platform.INSTAGRAM,
                Platform.X,
                Platform.WEBSITE,
                Platform.YOUTUBE,
                Platform.OTHER,
            )
        )
        handle = f"{school.code}.{self.random.choice(CLUBS)}"
        used = {(one.platform, one.handle.lstrip("@")) for one in self.division.accounts}
        while (platform, handle) in used:
            handle += "s"
        state = self.random.choices(
            (AccountState.LIVE, AccountState.CLOSED, AccountState.SUSPENDED, AccountState.APPROVED),
            (76, 16, 5, 3),
        )[0]
        teachers = self.division.at(school, "teacher") or self.division.at(school, "principal")
        people = self.random.sample(teachers, k=min(len(teachers), self.random.choice((1, 1, 2))))
        self.account(
            Level.CLASSROOM, platform, handle, school.name, tuple(one.email for one in people), state
        )

    def account(
        self,
        level: str,
        platform: str,
        handle: str,
        school: str,
        people: tuple[str, ...],
        state: AccountState,
    ) -> None:
        """One row. Those that are not live yet have no address and no evidence."""
        there = state in {AccountState.LIVE, AccountState.SUSPENDED, AccountState.CLOSED}
        site = platform in {Platform.WEBSITE, Platform.CALL_OUT}
        custody = self.random.choice(tuple(CustodyMode)) if not site else CustodyMode.SINGLE_SIGN_ON
        shared = custody is CustodyMode.SHARED_PASSWORD
        ago = timedelta(days=self.random.randint(200, 2200))
        where = handle.removeprefix("www.").removesuffix(".example.org")
        self.division.accounts.append(
            SampleAccount(
                level=level,
                channel=ChannelKind.WEBSITE
                if platform == Platform.WEBSITE
                else ChannelKind.MESSAGING
                if platform == Platform.CALL_OUT
                else ChannelKind.SOCIAL_MEDIA,
                platform=platform,
                handle=handle if site else f"@{handle}",
                address=f"https://pages.example.org/{_folder(platform)}/{where}" if there else "",
                platform_id=str(self.random.randint(10**9, 10**10)) if there else "",
                school=school,
                purpose=f"News of {school or self.division.name} for families."
                if level != Level.CLASSROOM
                else f"What the class or team of {school} is doing, for its families.",
                custody=custody,
                vault_reference=f"vault/{_folder(platform)}/{where.replace('.', '-')}"
                if there and shared
                else "",
                custodian=there and not shared,
                administrators=people,
                state=state,
                live_since=self.division.today - ago if there else None,
                privacy_attested_on=None,
            )
        )


def _complete(random: Random, division: SampleDivision, valid_days: int) -> None:
    """Who completed the course when: most are current, some have lapsed, some never did.

    Four people have access to a live school account without it: two lapsed, two never (5.2).
    """
    today = division.today

    def current() -> date:
        return today - timedelta(days=random.randint(3, valid_days - 5))

    def lapsed() -> date:
        return today - timedelta(days=random.randint(valid_days + 4, 2 * valid_days))

    needed = {
        email for one in division.accounts if one.level != Level.CLASSROOM for email in one.administrators
    }
    everybody = [one.email for one in division.people]
    with_access = sorted(needed)
    division.completed = {email: current() for email in with_access}
    rest = [email for email in everybody if email not in needed]
    random.shuffle(rest)
    more = rest[: _COMPLETED - len(with_access)]
    division.completed |= {email: lapsed() if n < _LAPSED else current() for n, email in enumerate(more)}
    one_account: list[str] = []
    for account in division.accounts:
        if (
            account.level == Level.SCHOOL
            and account.state is AccountState.LIVE
            and len(account.administrators) > 1
        ):
            second = account.administrators[1]
            elsewhere = [
                one for one in division.accounts if second in one.administrators and one is not account
            ]
            if not elsewhere:
                one_account.append(second)
    for number, email in enumerate(random.sample(sorted(set(one_account)), k=4)):
        if number % 2:
            division.completed[email] = lapsed()
        else:
            del division.completed[email]
