"""The made-up board of harbour.toml: a small sample division, and a month of it, night by night.

What Steward does is what the nightly sweep does. Pages are judged by what stands on them, each by the notice
of its level; what people do is written down here, day by day.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email import message_from_bytes
from email import policy as email_policy
from typing import Any

from policy.identity import handle_key
from policy.model import Policy
from policy.notice_text import NoticeText, judge
from schemas.accounts import Access, Account
from schemas.errors import StewardError
from schemas.gates import Completion, GuidelineReceipt
from schemas.people import Person, Role, School
from schemas.settings import ROOT, Settings
from schemas.states import AccessState, AccountState
from schemas.words import ChannelKind, CustodyMode, PersonKind, Via
from tasks.access.gates import (
    AcceptanceForm,
    AcknowledgementForm,
    accept_responsibility,
    acknowledge_guidelines,
)
from tasks.accounts.report import ReportForm, report_account
from tasks.credentials.rotate import RotationForm, record_rotation
from tasks.monitoring.check_in import CheckInForm, check_in
from tasks.pages import PageLook
from tasks.pages.lifecycle import record, shown_notice
from tasks.pages.page_round import due_pages
from tasks.people.absences import AbsenceForm, note_absence
from tasks.privacy.attest import PrivacyForm, attest_privacy
from tasks.rehearsal import fetching, sweep
from tasks.requests.decide import DecisionForm, record_decision
from tasks.requests.hand_in import RequestForm, submit_request
from tasks.runtime import Runtime
from tasks.store import Store
from tasks.suspension.suspend import (
    ReinstatementForm,
    SuspensionForm,
    reinstate_account,
    suspend_account,
)
from tasks.training.completions import CompletionForm, record_completion
from tests.boards.nightly import report
from tests.factories.division import put
from tests.support.letters import deliver_at
from tests.support.school_year import Year

FILE = ROOT / "tests" / "boards" / "harbour.toml"
LEAD, SECRETARY, HEAD, OTHER_HEAD, ANA, BEN, CLEO, DAN = range(1, 9)
#: The accounts that are there when the month begins.
CLUSTER, CLUB = 1, 2
LONG_AGO = date(2012, 5, 7)
VAULT = "vault/harbour"
SETTINGS = Settings(mail_reply_to="media@harbour.example.org", mail_from="steward@harbour.example.org")


def mail(person: int) -> str:
    return f"person{person}@example.org"


def sample(now: datetime) -> list[Any]:
    """Two schools, eight people, a page of the cluster and one of a club that are live."""
    offices = {LEAD: "media-lead", SECRETARY: "secretary", HEAD: "head", OTHER_HEAD: "head"}
    schools = {HEAD: 1, OTHER_HEAD: 2, ANA: 1, BEN: 1, CLEO: 2, DAN: 2}
    names = ("Moana", "Sione", "Hana", "Otto", "Ana", "Ben", "Cleo", "Dan")
    rows: list[Any] = [
        School(id=number, source_id=f"school-{number}", name=name)
        for number, name in ((1, "Lighthouse School"), (2, "Ferry School"))
    ]
    for number, name in enumerate(names, start=1):
        rows.append(
            Person(
                id=number,
                source_id=f"person-{number}",
                given_name=name,
                family_name="Sample",
                email=mail(number),
                kind=PersonKind.STAFF,
                position="teacher",
                school_id=schools.get(number),
            )
        )
        if number in offices:
            rows.append(
                Role(
                    person_id=number,
                    kind=offices[number],
                    school_id=schools.get(number),
                    starts_on=date(2020, 2, 3),
                )
            )
    for number, level, school, people in (
        (CLUSTER, "cluster", None, (LEAD, SECRETARY)),
        (CLUB, "club", 1, (ANA,)),
    ):
        rows.append(_account(number, level, school, now))
        rows += [_access(number, person, now) for person in people]
    for person in (LEAD, SECRETARY, ANA):
        rows += [
            Completion(  # once, fourteen years ago
                person_id=person,
                course="safe-sharing",
                completed_on=LONG_AGO,
                source="sample",
                recorded_via=Via.IMPORT,
                recorded_at=now,
            ),
            GuidelineReceipt(
                person_id=person,
                guideline="house style",
                guideline_version="1",
                sent_at=now - timedelta(days=90),
                acknowledged_at=now - timedelta(days=89),
                recorded_via=Via.COMMAND,
            ),
        ]
    return rows


def _account(number: int, level: str, school: int | None, now: datetime) -> Account:
    return Account(
        id=number,
        level=level,
        channel=ChannelKind.SOCIAL_MEDIA,
        platform="Mastodon",
        handle=f"@harbour.{number}",
        handle_key=handle_key(f"@harbour.{number}"),
        purpose="News of the harbour.",
        school_id=school,
        custody=CustodyMode.SHARED_PASSWORD,
        vault_reference=VAULT,
        address=f"https://harbour.example.org/{number}",
        platform_id=str(number),
        reported_at=now - timedelta(days=900),
        live_since=now - timedelta(days=900),
        state=AccountState.LIVE,
        state_since=now - timedelta(days=900),
    )


def _access(account: int, person: int, now: datetime) -> Access:
    return Access(
        account_id=account,
        person_id=person,
        state=AccessState.GRANTED,
        state_since=now - timedelta(days=900),
        knows_secret_since=LONG_AGO,
    )


@dataclass
class Letters:
    """Takes every mail, and keeps what it says, by the day it left and to whom."""

    month: "Month"
    taken: list[tuple[date, str, str]] = field(default_factory=list)

    async def send(self, sender: str, recipient: str, message: bytes) -> None:  # noqa: ARG002 - the port's
        read = message_from_bytes(message, policy=email_policy.default)
        parts = [part.get_content() for part in read.walk() if part.get_content_type() == "text/plain"]
        shown = "\n".join([f"{read['From']}\n{read['Subject']}", *map(str, parts)])
        self.taken.append((self.month.today, recipient, shown))

    async def close(self) -> None:
        """Nothing to close."""

    def to(self, person: int) -> list[str]:
        """What one person was sent, in order."""
        return [text for _, who, text in self.taken if who == mail(person)]


@dataclass
class Month(Year):
    """The board's store, its clock, what stands on its pages, and all that was said."""

    pages: dict[int, str] = field(default_factory=dict)  # by account: the text that its page shows
    said: list[str] = field(default_factory=list)  # refusals, receipts and reports
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # as they are at its end

    def __post_init__(self) -> None:
        super().__post_init__()
        self.letters = Letters(self)

    def at(self, day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), self.policy.zone)

    def notice(self, level: str) -> str:
        """The text of the notice of a level, as its page would show it."""
        found = shown_notice(self.policy, level)
        assert found is not None
        return "\n\n".join(one.text for one in found.statements)

    async def night(self, day: date) -> None:
        """02:00: a look at the pages that are due, the sweep, the promises; on Wednesdays its report."""
        before, self.now = self.now, self.at(day, 2)
        await self.page_round(day)
        runtime = Runtime(SETTINGS, self.policy, self.store)
        async for _ in sweep(runtime, self.now, self.happened, without=fetching()):
            pass
        await self.promises(before)
        if day.isoweekday() == 3:
            self.said.append(await report(self.store, self.policy, self.now))

    async def page_round(self, day: date) -> None:  # noqa: ARG002 - the year's
        """Each page is judged by the notice of its account's level."""
        async with self.store.read() as session:
            due = await session.rows(due_pages(self.policy, self.now, 500))
        for row in due:
            await self.look_at(row.id, row.address, row.level)

    async def look_at(self, account: int, address: str, level: str, *, emits: bool = False) -> None:
        """What one look at what stands on the page of an account sees."""
        notice, shown = shown_notice(self.policy, level), self.pages.get(account, "")
        assert notice is not None
        wanted = {"version": notice.version, "statements": [one.model_dump() for one in notice.statements]}
        judged = judge(shown, NoticeText.model_validate(wanted))
        seen = PageLook(judged.verdict, self.now, notice.version, judged.detail, page_text=shown)
        await record(self.store, self.policy, account, address, seen, self.now, emits=emits)

    async def morning(self, day: date) -> None:
        """09:10, after the digest's hour."""
        self.now = self.at(day, 9) + timedelta(minutes=10)
        await deliver_at(self.store, self.policy, SETTINGS, self.now, self.letters)

    async def does(self, what: str, work: Any) -> None:
        """Somebody does something: what they are answered is kept, a refusal too."""
        try:
            receipt = await work
        except StewardError as error:
            self.refused[what] += 1
            self.said.append(str(error))
        else:
            self.happened[what] += 1
            self.said.append(receipt.says)

    async def acts(self, what: str, act: Any, form: Any) -> None:
        await self.does(what, act(self.store, self.policy, form, via=Via.COMMAND, now=self.now))

    async def people(self, day: date) -> None:
        """15:00: what is written down for the day."""
        self.now = self.at(day, 15)
        for does in DAYS.get(day, ()):
            await does(self)


async def asks_for_a_club_page(month: Month) -> None:
    await month.acts("asked", submit_request, _wish(BEN, [BEN], level="club", school="Lighthouse School"))


async def and_may_not_decide(month: Month) -> None:
    """Each of these is refused: what it says is read at the end."""
    await month.acts("decided by a teacher", record_decision, _decision(ANA, 1))
    await month.acts("checked in", check_in, CheckInForm(actor=mail(ANA), everything=True))
    rotated = RotationForm(actor=mail(ANA), account=CLUB, evidence=VAULT)
    await month.acts("password changed", record_rotation, rotated)
    attested = PrivacyForm(actor=mail(ANA), account=CLUB, privacy=("all",))
    await month.acts("privacy attested", attest_privacy, attested)
    accepted = AcceptanceForm(actor=mail(ANA), account=CLUB)
    await month.acts("responsibility accepted", accept_responsibility, accepted)
    await month.acts(
        "asked in vain", submit_request, _wish(ANA, [ANA], level="school", school="Ferry School")
    )
    suspends = SuspensionForm(actor=mail(ANA), account=CLUB, reason="I do not like it.")
    await month.acts("suspended by a teacher", suspend_account, suspends)


async def the_head_approves(month: Month) -> None:
    await month.acts("approved", record_decision, _decision(HEAD, 1))


async def both_offices_are_away(month: Month) -> None:
    """The Media Lead's deputy is the Cluster Secretary, whose deputy is Dan."""
    starts, ends = month.today + timedelta(days=1), month.today + timedelta(days=12)
    for person, deputy in ((SECRETARY, mail(DAN)), (LEAD, None)):
        form = AbsenceForm(
            actor=mail(person), person=mail(person), deputy=deputy, starts_on=starts, ends_on=ends
        )
        await month.acts("absence noted", note_absence, form)


async def ben_does_what_is_asked(month: Month) -> None:
    done = CompletionForm(actor=mail(HEAD), person=mail(BEN), completed_on=month.today)
    await month.acts("course completed", record_completion, done)
    read = AcknowledgementForm(actor=mail(BEN), guideline="house style")
    await month.acts("acknowledged", acknowledge_guidelines, read)


async def ben_reports_the_page(month: Month) -> None:
    address = "https://harbour.example.org/chess"
    form = ReportForm(
        actor=mail(BEN),
        account=3,
        address=address,
        platform_id="chess",
        vault_reference=VAULT,
    )
    month.pages[3] = month.notice("club")
    await month.acts("reported", report_account, form)
    await month.look_at(3, address, "club", emits=True)


async def asks_for_a_cluster_page(month: Month) -> None:
    await month.acts("asked", submit_request, _wish(CLEO, [BEN, ANA], level="cluster", handle="harbour.day"))


async def the_end_of_the_chain_decides(month: Month) -> None:
    await month.acts("approved", record_decision, _decision(DAN, 2))


async def the_cluster_page_loses_its_notice(month: Month) -> None:
    month.pages[CLUSTER] = "News of the harbour."


async def it_is_put_back(month: Month) -> None:
    month.pages[CLUSTER] = month.notice("cluster")


async def it_is_brought_back(month: Month) -> None:
    form = ReinstatementForm(actor=mail(LEAD), account=CLUSTER, reason="The notice is there again.")
    await month.acts("brought back", reinstate_account, form)


async def the_club_page_gets_its_own_notice(month: Month) -> None:
    month.pages[CLUB] = month.notice("club")


def _wish(who: int, administrators: list[int], **changes: Any) -> RequestForm:
    given: Mapping[str, Any] = {
        "actor": mail(who),
        "channel": "messaging channel",
        "platform": "newsletter",
        "handle": "chess.club",
        "purpose": "News of what happens there.",
        "audience": "Families.",
        "tools_considered": ["the weekly newsletter"],
        "why_not": "One page a week is not enough.",
        "administrators": [mail(one) for one in administrators],
        "custody": "shared password",
    }
    return RequestForm.model_validate({**given, **changes})


def _decision(who: int, request: int) -> DecisionForm:
    return DecisionForm.model_validate(
        {"actor": mail(who), "request": request, "verdict": "approve", "reason": "It fits.", "revision": 1}
    )


#: What happens on which day.
DAYS: Mapping[date, tuple[Callable[[Month], Awaitable[None]], ...]] = {
    date(2026, 10, 12): (asks_for_a_club_page,),
    date(2026, 10, 13): (and_may_not_decide, the_head_approves, both_offices_are_away),
    date(2026, 10, 14): (the_cluster_page_loses_its_notice,),
    date(2026, 10, 15): (ben_does_what_is_asked, asks_for_a_cluster_page),
    date(2026, 10, 16): (ben_reports_the_page,),
    date(2026, 10, 19): (the_end_of_the_chain_decides,),
    date(2026, 11, 2): (it_is_put_back,),
    date(2026, 11, 9): (the_club_page_gets_its_own_notice,),
    date(2026, 11, 11): (it_is_brought_back,),
}
FIRST, LAST = date(2026, 10, 12), date(2026, 11, 12)
LABOUR_DAY = date(2026, 10, 26)


async def lived(store: Store, policy: Policy) -> Month:
    """The month, from its first day to its last. A night on a day without school asks nobody for anything."""
    month = Month(store, policy, None, datetime.combine(FIRST, time(1), policy.zone))
    async with store.write() as session:
        await put(session, *sample(month.now))
    month.pages = {CLUSTER: month.notice("cluster"), CLUB: month.notice("cluster")}
    day = FIRST
    while day <= LAST:
        if month.calendar.is_school_day(day) or day == LABOUR_DAY:
            await month.night(day)
            await month.morning(day)
            await month.people(day)
        day += timedelta(days=1)
    return month
