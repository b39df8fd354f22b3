"""Handing in a request, handing it in again, withdrawing it."""

from datetime import datetime, time
from typing import Annotated, Any, ClassVar

from pydantic import Field
from sqlmodel import col, func, select

from policy.account_creation import withdraw_account
from policy.account_request import lacks
from policy.authority import approving, barred, deciding_office
from policy.controls.application_form import ApplicationForm
from policy.controls.approval import Approval
from policy.controls.personal import Personal
from policy.notices.requests import RequestWithdrawn
from schemas.accounts import AccountRequest
from schemas.errors import NotNow, about_field
from schemas.events import EventKind
from schemas.forms import (
    WANTED,
    ActForm,
    Handle,
    LevelId,
    Line,
    OnCommand,
    OneOf,
    PersonRef,
    PlatformId,
    Prose,
    ShortPage,
)
from schemas.language import half, later
from schemas.outcome import Emit, Move, Outcome, RoleAt, Settle, Subject, Tell
from schemas.receipt import Receipt
from schemas.states import TRANSITIONS, AccountState, RequestState
from schemas.words import ChannelKind, CustodyMode, ItemKind, SubjectKind
from tasks.accounts.facts import account_facts
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import REQUESTER, Who
from tasks.requests.facts import authority, request_facts
from tasks.store import lookup
from tasks.store.same import handle_as_kept
from tasks.store.session import Session
from tasks.store.transition import begin

_CHECKED_NEXT = half("it is checked now: the answer is on your page at once, and by mail in working hours")


class RequestForm(ActForm):
    """Ask for an account, a website or a channel; what is missing is told all at once, by mail."""

    pages: ClassVar[tuple[ShortPage, ...]] = (
        ShortPage(later("Whose account it is"), ("level", "school")),
        ShortPage(later("What it is"), ("channel", "platform", "handle")),
        ShortPage(later("What it is for"), ("purpose", "audience")),
        ShortPage(later("Why what is there does not serve"), ("tools_considered", "why_not")),
        ShortPage(later("Who looks after it"), ("administrators", "custody")),
    )

    level: LevelId = Field(
        title="Level",
        description="Whose account it is: that decides who decides. A personal account needs no approval.",
    )
    channel: ChannelKind = Field(default=ChannelKind.SOCIAL_MEDIA, title="Kind of channel")
    platform: PlatformId = Field(title="Platform")
    handle: Handle = Field(
        title="Wished handle",
        description="As it would show on the platform, for example @lakeside.school; for a website its name.",
    )
    school: Line = Field(
        default="",
        title="School",
        description="The school's name as in the roster; empty only for an account of all schools.",
    )
    purpose: Prose = Field(
        default="",
        json_schema_extra=WANTED,
        title="Purpose",
        description="What it is for, in a sentence or two.",
    )
    audience: Prose = Field(
        default="", json_schema_extra=WANTED, title="Audience", description="Who is to read it."
    )
    tools_considered: Annotated[tuple[str, ...], OneOf("tools"), OnCommand("--tool")] = Field(
        default=(),
        json_schema_extra=WANTED,
        title="Provided tools considered",
        description="What is provided already and comes first; several may be named.",
    )
    why_not: Prose = Field(
        default="",
        json_schema_extra=WANTED,
        title="Why they do not serve",
        description="Why none of those tools is enough.",
    )
    administrators: Annotated[tuple[PersonRef, ...], OnCommand("--administrator")] = Field(
        default=(),
        json_schema_extra=WANTED,
        title="Administrators",
        description="Who is to administer it, by e-mail address; several may be named.",
    )
    custody: CustodyMode = Field(
        default=CustodyMode.PERSONAL_ADMINISTRATORS,
        title="How its administrators get in",
        description="Never a password here: only who holds what, and the name of a vault entry.",
    )
    again: int | None = Field(
        default=None,
        ge=1,
        title="Request that was sent back",
        description="The number of your request that was sent back, where this one mends it.",
    )


class WithdrawalForm(ActForm):
    """Take a request back, before it is decided or before its account is live."""

    request: Annotated[int, OnCommand(positional=True)] = Field(title="Request number", ge=1)


async def _wish(session: Session, form: RequestForm) -> tuple[dict[str, Any], int | None]:
    """The form with people and the school looked up. Raises Unknown for those we do not have."""
    with about_field("school"):
        school = await lookup.school(session, form.school) if form.school else None
    with about_field("administrators"):
        people = [await lookup.person_id(session, one, must_be_active=False) for one in form.administrators]
    wish = {
        "administrators": list(dict.fromkeys(people)),
        "purpose": form.purpose,
        "audience": form.audience,
        "tools_considered": list(form.tools_considered),
        "why_not": form.why_not,
        "custody": form.custody.value,
    }
    return wish, school.id if school else None


async def _may_ask(context: ActContext, form: RequestForm) -> Right | None:
    """Anybody asks; only who asked hands a request in again."""
    if form.again is None:
        return Right()
    request = await lookup.by_id(context.session, AccountRequest, form.again)
    return Right() if request.requester_id == context.person_id else None


@act(RequestForm, who=Who("who asked", _may_ask), does="hands a request in again", control=(ApplicationForm,))
async def submit_request(context: ActContext, form: RequestForm) -> Receipt:
    """Record a request, or the next revision of one that was sent back; wake the lifecycle that checks it.

    Raises Unknown for a school or an administrator we do not have, BadInput for an address that names no
    account, NotNow where a request that is handed in again was not sent back, or where the person has handed
    in as many today as one person may.
    """
    actor, now = context.actor, context.now
    wish, school_id = await _wish(context.session, form)
    values = {
        "school_id": school_id,
        "level": form.level,
        "channel": form.channel,
        "platform": form.platform,
        "handle": handle_as_kept(context.policy, form.platform, form.handle),
        "wish": wish,
        "handed_in_at": now,
        "recorded_via": actor.via,
    }
    if form.again is not None:
        return await _hand_in_again(context, form, form.again, values)
    await _not_too_many(context, form)
    subject = await begin(
        context.session,
        SubjectKind.REQUEST,
        state=RequestState.SUBMITTED,
        actor=actor,
        control=approving(context.policy, form.level),
        cause="handed in",
        now=now,
        requester_id=context.person_id,
        revision=1,
        reasons=[],
        **values,
    )
    await context.apply(Outcome((Emit(EventKind.REQUEST_SUBMITTED, subject),)))
    says = f"Request {subject.id} is recorded; {_CHECKED_NEXT}."
    return Receipt(subject, RequestState.SUBMITTED, says, await _missing(context, subject.id))


async def _missing(context: ActContext, request_id: int) -> tuple[str, ...]:
    """For what the request will be sent back, said at once to who hands it in."""
    _, facts = await request_facts(context.session, request_id, context.policy, context.today)
    return () if context.policy.first(Personal, level=facts.level) else lacks(facts, context.policy)


async def _not_too_many(context: ActContext, form: RequestForm) -> None:
    """Raises NotNow where the person has handed in as many requests today as the control allows."""
    forms = context.policy.of(ApplicationForm)
    control = context.policy.first(ApplicationForm, level=form.level) or next(iter(forms), None)
    if control is None:
        return
    midnight = datetime.combine(context.today, time(), context.calendar.zone)
    handed_in = await context.session.exec(
        select(func.count())
        .select_from(AccountRequest)
        .where(
            col(AccountRequest.requester_id) == context.person_id,
            col(AccountRequest.handed_in_at) >= midnight,
        )
    )
    if (count := handed_in.one()) >= control.requests_a_day_at_most:
        raise NotNow(
            f"You have handed in {count} requests today, as many as one person may on one day. "
            "Hand this one in tomorrow; for many accounts at once, ask whoever imports lists of accounts."
        )


async def _hand_in_again(
    context: ActContext, form: RequestForm, request_id: int, values: dict[str, Any]
) -> Receipt:
    row = await lookup.by_id(context.session, AccountRequest, request_id)
    if row.state is not RequestState.SENT_BACK:
        raise NotNow(
            f"Request {request_id} is '{row.state}': only one that was sent back is handed in again."
        )
    subject = Subject(SubjectKind.REQUEST, request_id)
    outcome = Outcome(
        (
            Move(
                subject,
                RequestState.SENT_BACK,
                row.version,
                RequestState.SUBMITTED,
                approving(context.policy, form.level),
                "handed in again",
                {**values, "revision": row.revision + 1},
            ),
            Settle(about=subject, kinds=(ItemKind.MEND_REQUEST,)),
            Emit(EventKind.REQUEST_SUBMITTED, subject),
        )
    )
    await context.apply(outcome)
    says = f"Request {request_id} is handed in again; {_CHECKED_NEXT}."
    return Receipt(subject, RequestState.SUBMITTED, says, await _missing(context, request_id))


@act(WithdrawalForm, who=REQUESTER, does="withdraws a request", control=(Approval,))
async def withdraw_request(context: ActContext, form: WithdrawalForm) -> Receipt:
    """Its requester no longer wants it: before the decision, or after it and before the account is live.

    Raises NotAllowed for anybody else, NotNow when it has ended or the account is live, Unknown.
    """
    session, policy, today, request_id = context.session, context.policy, context.today, form.request
    row, facts = await request_facts(session, request_id, policy, today)
    subject = Subject(SubjectKind.REQUEST, request_id)
    if RequestState.WITHDRAWN in TRANSITIONS[facts.state]:
        told: list[RoleAt] = []
        but_not: tuple[int, ...] = ()
        if facts.state is RequestState.AWAITING_DECISION:
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
                    Tell(
                        RequestWithdrawn(by_id=context.person_id),
                        one,
                        f"{subject}/withdrawn",
                        subject,
                        but_not,
                    )
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
    await context.apply(outcome)
    return Receipt(subject, RequestState.WITHDRAWN, says)
