"""Loading the sample division into a store, through the doors that everybody uses."""

import asyncio
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from deployments.sample.division import SampleDivision, SampleSchool
from deployments.sample.files import write
from deployments.sample.make import SEED, make
from deployments.sample.words import Level, Platform, ProvidedTool, RoleKind
from policy.controls.look import Look
from policy.model import Policy
from schemas.settings import Settings
from schemas.states import AccountState
from schemas.words import ChannelKind, CustodyMode, Verdict, Via
from tasks.accounts.listing import Wanted, list_accounts
from tasks.inventory.import_accounts import AccountsImportForm, import_accounts
from tasks.monitoring.check_in import CheckInForm, check_in
from tasks.people.absences import AbsenceForm, note_absence
from tasks.people.offices import GrantForm, grant_role
from tasks.people.roster import RosterForm, import_roster
from tasks.public.corrections import MisleadingForm, report_misleading
from tasks.public.enquiries import AnswerForm, EnquiryForm, answer_enquiry, log_enquiry
from tasks.requests import lifecycle as requests_lifecycle
from tasks.requests.decide import DecisionForm, record_decision
from tasks.requests.hand_in import RequestForm, WithdrawalForm, submit_request, withdraw_request
from tasks.runtime import Runtime
from tasks.store import Store
from tasks.training.import_completions import TrainingImportForm, import_training

_OFFICES = (
    ("superintendent", RoleKind.SUPERINTENDENT),
    ("communications officer", RoleKind.COMMUNICATIONS_OFFICER),
    ("communications assistant", RoleKind.COMMUNICATIONS_OFFICER),
    ("IT operator", RoleKind.IT_OPERATOR),
    ("second IT operator", RoleKind.IT_OPERATOR),
)
#: How many of the administrators have not looked at their accounts for days (9).
_FORGETFUL = 2
#: At each account of so many the public asked something, so many days ago (12).
_EACH_OF, _ASKED_DAYS_AGO = 30, 20


async def load(store: Store, policy: Policy, now: datetime, *, seed: int = SEED) -> SampleDivision:
    """Load the sample division as it stands at `now` into an empty store; what was loaded.

    Raises what the imports raise: a sample that does not fit the policy is refused like any other file.
    """
    today = policy.calendar.today(now)
    division = make(seed, today, policy)
    with tempfile.TemporaryDirectory(prefix="steward-sample-") as folder:
        files = await asyncio.to_thread(write, division, Path(folder))
        first = division.offices["superintendent"]
        roster = RosterForm(actor=first, path=files.roster)
        await import_roster(store, policy, roster, via=Via.IMPORT, now=now)
        for title, kind in _OFFICES:  # the superintendent's own is the first, given by who operates
            office = GrantForm(
                actor=first,
                office=kind,
                person=division.offices[title],
                starts_on=today - timedelta(days=400),
            )
            await grant_role(store, policy, office, via=Via.COMMAND, now=now)
        training = TrainingImportForm(actor=division.communications, file=files.training)
        await import_training(store, policy, training, via=Via.IMPORT, now=now)
        accounts = AccountsImportForm(actor=division.communications, file=files.accounts)
        await import_accounts(store, policy, accounts, via=Via.IMPORT, now=now)
    await _check_ins(store, policy, division, now)
    away, deputy = (
        division.at(division.schools[2], "principal"),
        division.at(division.schools[2], "siteAdministrator"),
    )
    absence = AbsenceForm(
        actor=away[0].email,
        person=away[0].email,
        deputy=deputy[0].email,
        starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=5),
    )
    await note_absence(store, policy, absence, via=Via.IMPORT, now=now)
    await _requests(store, policy, division, now)
    await _public(store, policy, division, now)
    return division


async def _public(store: Store, policy: Policy, division: SampleDivision, now: datetime) -> None:
    """What the public asked long ago, one question of it answered; and something that is misleading."""
    async with store.read() as session:
        page = await list_accounts(session, Wanted(state=AccountState.LIVE), None)
    live = [one.account for one in page.rows]
    asked_at = (now - timedelta(days=_ASKED_DAYS_AGO)).astimezone(policy.zone).replace(tzinfo=None)
    noted: list[int] = []  # a database may count from another number than one
    for account in live[_EACH_OF::_EACH_OF]:
        form = EnquiryForm(
            actor=division.communications,
            account=account,
            asks="On which day does school begin after the break?",
            asked_at=asked_at,
        )
        noted.append((await log_enquiry(store, policy, form, via=Via.IMPORT, now=now)).subject.id)
    answer = AnswerForm(actor=division.communications, enquiry=noted[0], how="in public")
    await answer_enquiry(store, policy, answer, via=Via.IMPORT, now=now)
    wrong = MisleadingForm(
        actor=division.communications,
        account=live[0],
        says="A post says that school begins at ten.",
        right="It begins at half past eight.",
    )
    await report_misleading(store, policy, wrong, via=Via.IMPORT, now=now)


async def _check_ins(store: Store, policy: Policy, division: SampleDivision, now: datetime) -> None:
    """Nearly everybody looked at their accounts lately (9); nobody before monitoring begins."""
    calendar = policy.calendar
    today = calendar.today(now)
    if policy.the(Look).looked_at_since(calendar, today) is None:
        return
    live = [one for one in division.accounts if one.state is AccountState.LIVE and one.administrators]
    for email in sorted({one.administrators[0] for one in live})[_FORGETFUL:]:
        form = CheckInForm(actor=email, everything=True, on=today - timedelta(days=1))
        await check_in(store, policy, form, via=Via.IMPORT, now=now)


def _request(
    division: SampleDivision, school: SampleSchool, handle: str, level: str, **changes: object
) -> RequestForm:
    """A complete request of a school: its principal and a teacher run the account."""
    head, teacher = division.at(school, "principal")[0], division.at(school, "teacher")[0]
    given: dict[str, object] = {
        "actor": teacher.email,
        "level": level,
        "channel": ChannelKind.SOCIAL_MEDIA,
        "platform": Platform.INSTAGRAM,
        "handle": handle,
        "school": school.name,
        "purpose": "News and pictures of what the school does, for its families and the community.",
        "audience": "Families of the school and its neighbours",
        "tools_considered": (ProvidedTool.WEBSITE, ProvidedTool.CALL_OUT),
        "why_not": "Families do not open the website every day, and the call-out system is for urgent news.",
        "administrators": (head.email, teacher.email),
        "custody": CustodyMode.PERSONAL_ADMINISTRATORS,
    }
    return RequestForm.model_validate(given | changes)


async def _requests(store: Store, policy: Policy, division: SampleDivision, now: datetime) -> None:
    """A handful of requests: decided, waiting, sent back, withdrawn, personal, and one just handed in."""
    schools = division.schools
    handed_in = [
        _request(division, schools[5], "@sample.spark.news", Level.SCHOOL),
        _request(division, schools[6], "@sample.outreach", Level.SCHOOL, platform=Platform.BLUESKY),
        _request(division, schools[7], "@sample.portage.band", Level.CLASSROOM),
        _request(division, schools[8], "@sample.kitchen", Level.CLASSROOM, why_not="", purpose="Fun"),
        _request(division, schools[9], "@sample.ridge.alumni", Level.SCHOOL, platform=Platform.LINKEDIN),
        _request(division, schools[10], "@sample.my.own.page", Level.PERSONAL),
        _request(division, schools[11], "@sample.hill.clips", Level.SCHOOL, platform=Platform.TIKTOK),
    ]
    numbers = []
    for form in handed_in:
        receipt = await submit_request(store, policy, form, via=Via.COMMAND, now=now)
        numbers.append(receipt.subject.id)
    runtime = Runtime(Settings(), policy, store)
    for case in await requests_lifecycle.due(runtime, now):
        await requests_lifecycle.move(runtime, case, now)
    decisions = (
        (numbers[0], Verdict.APPROVE, "A clear plan, and two people who know the platform."),
        (
            numbers[6],
            Verdict.DECLINE,
            "The school's website and its Instagram account serve the same families.",
        ),
    )
    for number, verdict, reason in decisions:
        decision = DecisionForm(request=number, actor=division.communications, verdict=verdict, reason=reason)
        await record_decision(store, policy, decision, via=Via.COMMAND, now=now)
    back = WithdrawalForm(actor=handed_in[4].actor, request=numbers[4])
    await withdraw_request(store, policy, back, via=Via.COMMAND, now=now)
    late = _request(division, schools[12], "@sample.harbour", Level.SCHOOL, platform=Platform.FACEBOOK)
    await submit_request(store, policy, late, via=Via.COMMAND, now=now)
