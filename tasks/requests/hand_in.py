"""Handing in a request, handing it in again, withdrawing it (5, 6, 14)."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.account_creation import withdraw_account
from policy.authority import approving, barred, deciding_office
from policy.calendar import Calendar
from policy.model import Policy
from policy.notices.requests import RequestWithdrawn
from schemas.accounts import AccountRequest
from schemas.errors import NotAllowed, NotNow
from schemas.events import EventKind
from schemas.forms import RequestForm
from schemas.outcome import Emit, Move, Outcome, RoleAt, Settle, Subject, Tell
from schemas.receipt import Receipt
from schemas.states import TRANSITIONS, AccountState, RequestState
from schemas.words import ItemKind, Level, SubjectKind, Via
from tasks.accounts.facts import account_facts
from tasks.requests.facts import authority, request_facts
from tasks.store import Store, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.transition import begin

_CHECKED_NEXT = "it is checked now, and the answer comes by mail"


async def _wish(session: AsyncSession, form: RequestForm) -> tuple[dict[str, Any], int | None, int]:
    """The form with people and the school looked up. Raises Unknown for those we do not have."""
    requester_id = await lookup.person_id(session, form.requester)
    school = await lookup.school(session, form.school) if form.school else None
    people = [await lookup.person_id(session, email, must_be_active=False) for email in form.administrators]
    wish = {
        "administrators": list(dict.fromkeys(people)),
        "purpose": form.purpose,
        "audience": form.audience,
        "tools_considered": [tool.value for tool in form.tools_considered],
        "why_not": form.why_not,
        "custody": form.custody.value,
    }
    return wish, school.id if school else None, requester_id


async def submit_request(
    store: Store, policy: Policy, form: RequestForm, *, via: Via, now: datetime
) -> Receipt:
    """Record a request and wake the lifecycle that checks it.

    Raises Unknown for a requester, a school or an administrator we do not have.
    """
    calendar = Calendar(policy)
    async with store.write() as session:
        wish, school_id, requester_id = await _wish(session, form)
        actor = Actor(requester_id, via)
        subject = await begin(
            session,
            SubjectKind.REQUEST,
            state=RequestState.SUBMITTED,
            actor=actor,
            control=approving(policy, form.level),
            cause="handed in",
            now=now,
            requester_id=requester_id,
            school_id=school_id,
            level=form.level,
            channel=form.channel,
            platform=form.platform,
            handle=form.handle,
            wish=wish,
            revision=1,
            handed_in_at=now,
            recorded_via=via,
            reasons=[],
        )
        event = Outcome((Emit(EventKind.REQUEST_SUBMITTED, subject),))
        await apply(session, event, actor=actor, calendar=calendar, now=now)
    return Receipt(subject, RequestState.SUBMITTED, f"Request {subject.id} is recorded; {_CHECKED_NEXT}.")


async def resubmit_request(
    store: Store, policy: Policy, request_id: int, form: RequestForm, *, via: Via, now: datetime
) -> Receipt:
    """Hand a request in again that was sent back, as its next revision.

    Raises NotAllowed for anybody but its requester, NotNow unless it was sent back, Unknown.
    """
    calendar = Calendar(policy)
    async with store.write() as session:
        wish, school_id, requester_id = await _wish(session, form)
        row = await lookup.by_id(session, AccountRequest, request_id)
        if row.requester_id != requester_id:
            raise NotAllowed(f"Only who asked can hand request {request_id} in again.")
        if row.state is not RequestState.SENT_BACK:
            raise NotNow(
                f"Request {request_id} is '{row.state}': only one that was sent back is handed in again."
            )
        subject = Subject(SubjectKind.REQUEST, request_id)
        actor = Actor(requester_id, via)
        changes = {
            "school_id": school_id,
            "level": form.level,
            "channel": form.channel,
            "platform": form.platform,
            "handle": form.handle,
            "wish": wish,
            "revision": row.revision + 1,
            "handed_in_at": now,
            "recorded_via": via,
        }
        outcome = Outcome(
            (
                Move(
                    subject,
                    RequestState.SENT_BACK,
                    row.version,
                    RequestState.SUBMITTED,
                    approving(policy, form.level),
                    "handed in again",
                    changes,
                ),
                Settle(about=subject, kinds=(ItemKind.MEND_REQUEST,)),
                Emit(EventKind.REQUEST_SUBMITTED, subject),
            )
        )
        await apply(session, outcome, actor=actor, calendar=calendar, now=now)
    return Receipt(
        subject, RequestState.SUBMITTED, f"Request {request_id} is handed in again; {_CHECKED_NEXT}."
    )


async def withdraw_request(
    store: Store, policy: Policy, request_id: int, email: str, *, via: Via, now: datetime
) -> Receipt:
    """Its requester no longer wants it: before the decision, or after it and before the account is live.

    Raises NotAllowed for anybody else, NotNow when it has ended or the account is live, Unknown.
    """
    calendar = Calendar(policy)
    today = calendar.today(now)
    async with store.write() as session:
        person_id = await lookup.person_id(session, email)
        row, facts = await request_facts(session, request_id, policy, today)
        if person_id != row.requester_id:
            raise NotAllowed(f"Only who asked can withdraw request {request_id}.")
        actor = Actor(person_id, via)
        subject = Subject(SubjectKind.REQUEST, request_id)
        if RequestState.WITHDRAWN in TRANSITIONS[facts.state]:
            told: list[RoleAt] = []
            but_not: tuple[int, ...] = ()
            if facts.state is RequestState.AWAITING_DECISION and facts.level is not Level.PERSONAL:
                who = await authority(session, facts, policy, today)
                told = [deciding_office(facts, policy, who)]
                but_not = barred(who)
            outcome = Outcome(
                (
                    Move(
                        subject,
                        facts.state,
                        facts.version,
                        RequestState.WITHDRAWN,
                        approving(policy, facts.level),
                        "withdrawn",
                    ),
                    Settle(about=subject, kinds=tuple(ItemKind), done=False),
                    *(
                        Tell(RequestWithdrawn(by_id=person_id), one, f"{subject}/withdrawn", subject, but_not)
                        for one in told
                    ),
                    Emit(EventKind.REQUEST_WITHDRAWN, subject),
                )
            )
            says = f"Request {request_id} is withdrawn."
        elif facts.state is RequestState.APPROVED and row.account_id is not None:
            account = await account_facts(session, row.account_id, policy, today)
            if account.state not in {AccountState.APPROVED, AccountState.PREPARING}:
                raise NotNow(
                    f"The account of request {request_id} is '{account.state}': "
                    "only one that is not live yet is withdrawn."
                )
            ended = withdraw_account(account, policy)
            outcome = Outcome((*ended.steps, Emit(EventKind.REQUEST_WITHDRAWN, subject)))
            says = f"The account of request {request_id} is withdrawn before it was live."
        else:
            raise NotNow(f"Request {request_id} is '{facts.state}': it has ended already.")
        await apply(session, outcome, actor=actor, calendar=calendar, now=now)
    return Receipt(subject, RequestState.WITHDRAWN, says)
