"""A school year of the sample division: what people do, drawn from a seed, and what a night does.

What Steward does is what the nightly sweep does, stage by stage, through the same functions. Pages are not
fetched: what a look sees is drawn too.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import col

from deployments.sample.words import Guideline
from policy.calendar import Calendar
from policy.controls.custody import custody_is_shown
from policy.controls.look import Look
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import StewardError
from schemas.findings import Finding
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.settings import Settings
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, ItemState, PageVerdict, SubjectKind, Via
from tasks.access.gates import (
    AcceptanceForm,
    AcknowledgementForm,
    accept_responsibility,
    acknowledge_guidelines,
)
from tasks.brakes.answering import ReleaseBrakeForm, release
from tasks.credentials.review_list import ReviewForm, record_review
from tasks.credentials.rotate import ConfirmationForm, RotationForm, confirm_rotation, record_rotation
from tasks.guidance.acknowledge import AdviceForm, acknowledge_advice
from tasks.mail.smtp import NotTaken
from tasks.monitoring.check_in import CheckInForm, check_in
from tasks.pages import PageLook
from tasks.pages.lifecycle import record
from tasks.pages.page_round import due_pages
from tasks.privacy.attest import PrivacyForm, attest_privacy
from tasks.rehearsal import fetching, sweep
from tasks.runtime import Runtime
from tasks.store import Store, adopted, audit
from tasks.suspension.suspend import ReinstatementForm, SuspensionForm, reinstate_account, suspend_account
from tasks.training.completions import CompletionForm, record_completion
from tests.support.letters import Said, deliver_at, told_again
from tests.support.promises import Broken, broken
from tests.support.public_year import Public
from tests.support.rules import the_notice

SEED = 2026
#: A page where nothing is found is looked at once in so many weeks here, and each week in a division: a look
#: is half a second of work a night, and one week is like another.
PAGES_IN_WEEKS = 4
#: At every so many accounts nobody mends anything before it is suspended.
NOBODY_MENDS = 37
ROTATION = {ItemKind.ROTATE_CREDENTIALS, ItemKind.CONFIRM_ROTATION, ItemKind.REVIEW_ADMINISTRATORS}


@dataclass
class Inbox:
    """Takes every mail but for dead mailboxes; counts those of each day."""

    year: "Year"
    mails: Counter[date] = field(default_factory=Counter)
    dead: set[str] = field(default_factory=set)
    refused: int = 0
    said: Said = field(default_factory=Said)

    async def send(self, sender: str, recipient: str, message: bytes) -> None:  # noqa: ARG002 - the port's
        if recipient in self.dead:
            self.refused += 1
            raise NotTaken("smtp 550", for_good=True)
        self.mails[self.year.today] += 1
        self.said.take(recipient, message, self.year.today)

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Year:
    """The store, the clock, and what people do."""

    store: Store
    policy: Policy
    division: Any
    now: datetime
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - the same year each time
    random_of_profiles: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - the same
    random_of_readers: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - the same
    folder: Path = Path()  # for policy files that are adopted
    policy_text: str = ""
    without_a_round: tuple[date, date] | None = None
    away: str = ""  # the address of who is on leave
    gone: int = 0  # who left, and comes back
    happened: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    school_days: int = 0
    broken: list[Broken] = field(default_factory=list)
    _counted: int = 0  # the audit entries whose promises are counted
    _able: set[tuple[int, int]] = field(default_factory=set)  # who may do which item

    def __post_init__(self) -> None:
        self.settings = Settings()
        self.calendar = Calendar(self.policy)
        self.inbox = Inbox(self)
        self.public = Public(self)

    @property
    def today(self) -> date:
        return self.calendar.today(self.now)

    async def rows(self, *columns: Any, where: Any = True) -> list[Any]:
        async with self.store.read() as session:
            return list(await session.rows(select(*columns).where(where)))

    async def night(self, day: date) -> None:
        """02:00: what the sweep does, and before it the round over the pages."""
        self.now = datetime.combine(day, time(8), UTC)
        async with self.store.read() as session:
            self.policy = self.policy.with_modes(await adopted.set_modes(session), day)
        await self.page_round(day)
        runtime = Runtime(self.settings, self.policy, self.store)
        async for _ in sweep(runtime, self.now, self.happened, without=fetching()):
            pass
        await self.promises(self.now)

    async def page_round(self, day: date) -> None:
        """What a look at each page that is due would see; nothing where no round runs."""
        if self.without_a_round and self.without_a_round[0] <= day <= self.without_a_round[1]:
            return
        async with self.store.read() as session:
            due = await session.rows(due_pages(self.policy, self.now, 500))
        profiles = await self.profiles()
        lacking = await self.found_on_pages()
        week = day.isocalendar().week
        for account, address, *_ in due:
            if account % PAGES_IN_WEEKS != week % PAGES_IN_WEEKS and account not in lacking:
                continue
            verdict = self.random.choices(
                (PageVerdict.EXACT, PageVerdict.MISSING, PageVerdict.UNREACHABLE), (96, 3, 1)
            )[0]
            page = None if verdict is PageVerdict.UNREACHABLE else profiles.get(account, "")
            if page and self.random_of_profiles.random() < 0.05:
                page = "News of the class."
            seen = PageLook(
                verdict,
                self.now,
                the_notice(self.policy).version,
                "Drawn.",
                page_text=page,
            )
            await record(self.store, self.policy, account, address, seen, self.now)

    async def found_on_pages(self) -> set[int]:
        """The accounts of which something is found: their pages are looked at whenever they are due."""
        return {
            row[0] for row in await self.rows(Finding.account_id, where=col(Finding.resolved_at).is_(None))
        }

    async def promises(self, since: datetime, *, items: bool = True) -> None:
        """Count the broken promises of the night, or of the morning's letters, that began at `since`."""
        async with self.store.read() as session:
            head = await audit.head(session)
        if self.today.isoweekday() == 7:  # once a week everybody's right is tried again
            self._able.clear()
        self.broken += await broken(
            self.store, self.policy, self.now, after=self._counted, since=since, able=self._able, items=items
        )
        self._counted = head.seq

    async def profiles(self) -> dict[int, str]:
        """What stands on each profile: name and position of one who administers the account (6.3)."""
        rows = await self.rows(
            Access.account_id,
            Person.given_name,
            Person.family_name,
            Person.position,
            where=(col(Access.state) == AccessState.GRANTED)
            & (col(Access.person_id) == col(Person.id))
            & col(Person.active),
        )
        return {row.account_id: f"{row.given_name} {row.family_name}, {row.position}" for row in rows}

    async def morning(self, day: date) -> None:
        """08:20, when the digests leave."""
        self.now = datetime.combine(day, time(14, 20), UTC)
        await deliver_at(self.store, self.policy, self.settings, self.now, self.inbox)
        await self.promises(self.now, items=False)
        self.broken += await told_again(self.store, self.inbox.said)

    async def does(self, what: str, work: Any) -> None:
        """Somebody does something; a refusal is one of ours, and counted."""
        try:
            await work
        except StewardError as error:
            self.refused[f"{what}: {type(error).__name__}"] += 1
        else:
            self.happened[what] += 1

    async def people(self, day: date) -> None:
        """What people do on a school day: most of what they are asked for, some of it late, some never."""
        self.now = datetime.combine(day, time(20), UTC)
        common = {"via": Via.COMMAND, "now": self.now}
        email = {row.id: row.email for row in await self.rows(Person.id, Person.email)}
        items = await self.rows(*table_of(ActionItem).c, where=col(ActionItem.state) == ItemState.OPEN)
        for item in items:
            reads = item.kind == ItemKind.READ_ADVICE
            if (self.random_of_readers if reads else self.random).random() > 0.15:
                continue
            who = email.get(item.person_id or 0, self.division.communications)
            if reads:
                read = acknowledge_advice(self.store, self.policy, AdviceForm(actor=who), **common)  # type: ignore[arg-type]
                await self.does("advice read", read)
            else:
                await self.answers(item, who, common)
        await self.look_daily(day, email, common)
        await self.public.day(day)

    async def answers(self, item: Any, who: str, common: Any) -> None:
        """Somebody does what an action item asks."""
        given = (self.store, self.policy)
        if item.kind == ItemKind.COMPLETE_COURSE:
            offices = ("communications officer", "communications assistant")
            saw = next(one for office in offices if (one := self.division.offices[office]) != who)
            completed = CompletionForm(actor=saw, person=who, completed_on=self.today)
            await self.does("course completed", record_completion(*given, completed, **common))
        elif item.kind in ROTATION:
            await self.rotates(item, who, common)
        elif item.kind == ItemKind.ACCEPT_RESPONSIBILITY:
            accounts = await self.rows(Access.account_id, where=col(Access.id) == item.subject_id)
            accepted = AcceptanceForm(actor=who, account=accounts[0][0])
            await self.does("accepted", accept_responsibility(*given, accepted, **common))
        elif item.kind == ItemKind.ACKNOWLEDGE_GUIDELINES:
            guideline = item.key.split("/")[1]
            acknowledged = AcknowledgementForm(actor=who, guideline=guideline)
            await self.does("acknowledged", acknowledge_guidelines(*given, acknowledged, **common))
        elif item.kind == ItemKind.MEND_FINDING and item.subject_kind == SubjectKind.FINDING:
            await self.mends(item.subject_id, who, common)
        elif item.kind == ItemKind.MEND_FINDING:
            found = await self.rows(
                Finding.id,
                where=(col(Finding.account_id) == item.subject_id) & col(Finding.resolved_at).is_(None),
            )
            for (finding,) in found:
                await self.mends(finding, who, common)
        elif item.kind == ItemKind.ANSWER_BRAKE:
            right = ReleaseBrakeForm(
                brake=item.subject_id, actor=self.division.communications, reason="It is right."
            )
            await self.does("let happen", release(*given, right, **common))
        elif item.kind == ItemKind.DECIDE_REINSTATEMENT:
            asked = ReinstatementForm(
                account=item.subject_id, actor=self.division.communications, reason="It is mended."
            )
            await self.does("brought back", reinstate_account(*given, asked, **common))

    async def rotates(self, item: Any, who: str, common: Any) -> None:
        """Somebody changes a password, has the new one, or looks at who administers the account (11)."""
        given, account = (self.store, self.policy), item.subject_id
        if item.kind == ItemKind.ROTATE_CREDENTIALS:
            changed = RotationForm(actor=who, account=account, evidence="vault/sample")
            await self.does("password changed", record_rotation(*given, changed, **common))
        elif item.kind == ItemKind.REVIEW_ADMINISTRATORS:
            reviewed = ReviewForm(actor=who, account=account)
            await self.does("administrators reviewed", record_review(*given, reviewed, **common))
        else:
            confirmed = ConfirmationForm(actor=who, account=account)
            await self.does("new password confirmed", confirm_rotation(*given, confirmed, **common))

    async def mends(self, finding_id: int, who: str, common: Any) -> None:
        """Whoever is asked to mend a finding does what its control asks."""
        ((account, control),) = await self.rows(
            Finding.account_id, Finding.control, where=col(Finding.id) == finding_id
        )
        given = (self.store, self.policy)
        if account % NOBODY_MENDS == 0 and not await self.rows(
            Account.id, where=(col(Account.id) == account) & (col(Account.state) == AccountState.SUSPENDED)
        ):
            return  # until it is suspended: then somebody does
        if control == "privacy-settings":
            settings = PrivacyForm(actor=who, account=account, privacy=("all",))
            await self.does("privacy attested", attest_privacy(*given, settings, **common))
        elif control == "daily-look":
            looked = CheckInForm(actor=who, accounts=(account,))
            await self.does("checked in late", check_in(*given, looked, **common))
        elif control == "personal-responsibility":
            form = AcceptanceForm(actor=who, account=account)
            await self.does("accepted", accept_responsibility(*given, form, **common))
        elif control == "guidelines":
            for text in Guideline:
                read = AcknowledgementForm(actor=who, guideline=text)
                await self.does("acknowledged", acknowledge_guidelines(*given, read, **common))

    async def look_daily(self, day: date, email: dict[int, str], common: Any) -> None:
        """Every other school day each of the administrators looks; a few never do (9)."""
        self.school_days += 1
        if day < self.policy.the(Look).begins_on:
            return
        granted = await self.rows(Access.person_id, where=col(Access.state) == AccessState.GRANTED)
        for person in sorted({row[0] for row in granted}):
            if person % 2 == self.school_days % 2 and person % 41:
                looked = CheckInForm(actor=email[person], everything=True)
                await self.does("checked in", check_in(self.store, self.policy, looked, **common))

    async def leaves(self, share: float) -> None:
        """Some of those with access leave the division."""
        people = {row[0] for row in await self.rows(Access.person_id)}
        gone = self.random.sample(sorted(people), int(len(people) * share))
        async with self.store.write() as session:
            await session.run(update(Person).where(col(Person.id).in_(gone)).values(active=False))
        self.happened["left"] += len(gone)

    async def emergency(self, account: int) -> None:
        form = SuspensionForm(
            account=account, actor=self.division.communications, reason="Somebody else posts there."
        )
        common = {"via": Via.COMMAND, "now": self.now}
        await self.does("suspended at once", suspend_account(self.store, self.policy, form, **common))  # type: ignore[arg-type]

    async def stranded(self) -> list[int]:
        """Live accounts whose administrators Steward cut off, and that nobody else can reach (5.5, 6.2)."""
        async with self.store.read() as session:
            found = await session.run(
                select(table_of(Account).c.id)
                .outerjoin(
                    Access,
                    (col(Access.account_id) == col(Account.id)) & (col(Access.state) == AccessState.GRANTED),
                )
                .where(col(Account.state) == AccountState.LIVE, ~custody_is_shown(self.policy))
                .group_by(col(Account.id))
                .having(func.count(col(Access.id)) == 0)
            )
            return list(found.scalars())
