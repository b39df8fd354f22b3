"""A page that nobody approved: reported by anybody, then adopted with a request, shut, or not ours."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import insert, update
from sqlmodel import col, select

from policy.authority import office_at, policy_office
from policy.controls import Mode
from policy.controls.inventory import Inventory
from policy.identity import page_key
from policy.model import Policy
from policy.notices.inventory import PageToSettle
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Account, AccountRequest
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotNow
from schemas.forms import ActForm, Line, OnCommand, PageAddress, Prose, Reason
from schemas.inventory import UnapprovedPage
from schemas.outcome import Ask, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.receipt import Receipt
from schemas.states import RequestState
from schemas.words import ItemKind, PageEnd, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import ANYBODY, POLICY_OFFICE, Who, holds, in_office
from tasks.store import lookup
from tasks.store.climbed import climbed_to

#: With such a request nothing is adopted.
_REFUSED = (
    RequestState.DECLINED,
    RequestState.WITHDRAWN,
    RequestState.ABANDONED,
    RequestState.NOT_NEEDED,
)


class PageReportForm(ActForm):
    """A page seems to be official, and is not among the approved accounts."""

    address: Annotated[PageAddress, OnCommand(positional=True)] = Field(title="Its address")
    school: Line | None = Field(
        default=None, title="School", description="Whose it seems to be: name or number; none if left out."
    )
    says: Prose = Field(default="", title="What you saw", description="In a sentence, without names.")


class _PageForm(ActForm):
    page: Annotated[int, OnCommand(positional=True)] = Field(title="Page number", ge=1)


class PageAdoptionForm(_PageForm):
    """A page that nobody approved is asked for now, as a new account is."""

    request: int = Field(title="Request number", ge=1, description="The request with which it is asked for.")


class PageShutForm(_PageForm):
    """A page that nobody approved is shut."""

    reason: Reason = Field(title="How", description="Who shut it and when, in a sentence without names.")


class PageDismissalForm(_PageForm):
    """A page that was reported is no official one."""

    reason: Reason = Field(title="Why", description="How you know, in a sentence without names.")


class PageOpeningForm(_PageForm):
    """What became of a page was wrong, or it is there again."""

    reason: Reason = Field(title="Why", description="Why, in a sentence without names.")


async def _its_administration(context: ActContext, form: Any) -> Right | None:
    """The administration of the school whose page it seems to be, or an office asked because it is late."""
    page = await lookup.by_id(context.session, UnapprovedPage, form.page)
    about = _subject(form.page)
    late = await climbed_to(context.session, context.policy, ItemKind.SETTLE_PAGE, about, page.school_id)
    runs = context.policy.duties.runs_school
    own = () if page.school_id is None else (RoleAt(runs, page.school_id),)
    return await holds(context, *own, *late)


_SETTLES = Who("the administration of its school", _its_administration, in_office) | POLICY_OFFICE


@act(PageReportForm, who=ANYBODY, does="reports a page", control=(Inventory,))
async def report_page(context: ActContext, form: PageReportForm) -> Receipt:
    """Note a page. Raises what `note_page` raises."""
    return await note_page(context, form)


async def note_page(context: ActContext, form: PageReportForm) -> Receipt:
    """Note a page that somebody reports, who may be anybody of the public.

    Its school, or who keeps the policy, is asked what becomes of it.

    Raises NotNow where the policy follows no such pages; AlreadyDone for a page that waits already; BadInput
    for the page of an account that we have; Unknown.
    """
    days = _days(context)
    school = None if form.school is None else await lookup.school(context.session, form.school)
    school_id = None if school is None or school.is_division else school.id
    await _refuse_known(context, form.address)
    due_on = context.calendar.due_after(context.today, school_days=days)
    made = await context.session.run(
        insert(table_of(UnapprovedPage))
        .values(
            school_id=school_id,
            address=form.address,
            says=form.says,
            reported_at=context.now,
            reported_by_id=context.actor.person_id or None,
            recorded_via=context.actor.via,
            due_on=due_on,
            reason="",
        )
        .returning(col(UnapprovedPage.id))
    )
    number = int(made.scalar_one() or 0)
    await _note(context, number, "page reported")
    await _ask(context, number)
    says = f"Page {number} is noted. By {due_on} it is to be adopted or shut."
    return Receipt(_subject(number), "reported", says)


@act(PageAdoptionForm, who=_SETTLES, does="adopts a page", control=(Inventory,))
async def adopt_page(context: ActContext, form: PageAdoptionForm) -> Receipt:
    """Record that a page is asked for with a request, whose gates it passes like any other account.

    Raises BadInput for a request that has ended without approval or is of another school; AlreadyDone.
    """
    page = await _open(context, form.page)
    request = await lookup.by_id(context.session, AccountRequest, form.request)
    if request.state in _REFUSED:
        raise BadInput(f"Request {form.request} is '{request.state}': name one that still stands.")
    if page.school_id is not None and request.school_id != page.school_id:
        raise BadInput(f"Request {form.request} is not of this page's school: name the one for this page.")
    return await _end(context, form.page, PageEnd.ADOPTED, {"request_id": form.request})


@act(PageShutForm, who=_SETTLES, does="says that a page is shut", control=(Inventory,))
async def shut_page(context: ActContext, form: PageShutForm) -> Receipt:
    """Record that a page is shut. Raises AlreadyDone, Unknown."""
    await _open(context, form.page)
    return await _end(context, form.page, PageEnd.SHUT, {"reason": form.reason})


@act(PageDismissalForm, who=POLICY_OFFICE, does="says that a page is not ours", control=(Inventory,))
async def dismiss_page(context: ActContext, form: PageDismissalForm) -> Receipt:
    """Record that a page is nobody's here. Raises AlreadyDone, Unknown."""
    await _open(context, form.page)
    return await _end(context, form.page, PageEnd.NOT_OURS, {"reason": form.reason})


@act(PageOpeningForm, who=_SETTLES, does="opens it again", control=(Inventory,))
async def open_page(context: ActContext, form: PageOpeningForm) -> Receipt:
    """A page waits again, with new days. Raises NotNow where it waits, Unknown."""
    days, page = _days(context), await lookup.by_id(context.session, UnapprovedPage, form.page)
    if page.ended_at is None:
        raise NotNow(f"Page {form.page} waits already.")
    due_on = context.calendar.due_after(context.today, school_days=days)
    ended = {"ended_at": None, "ended_by_id": None, "ended_as": None, "request_id": None}
    await _change(context, form.page, {**ended, "reason": form.reason, "due_on": due_on})
    await _note(context, form.page, "page opened again")
    await _ask(context, form.page)
    return Receipt(_subject(form.page), "open", f"Page {form.page} waits again, until {due_on}.")


def _days(context: ActContext) -> int:
    control = context.policy.first(Inventory)
    if control is None or control.settled_within_school_days is None:
        raise NotNow("The policy does not follow pages that nobody approved: nothing is noted.")
    return control.settled_within_school_days


def _keys(policy: Policy, address: str) -> set[str]:
    """What a page may be known by: on a platform its domains are one."""
    found = (page_key(address, platform) for platform in (None, *policy.platforms))
    return {one for one in found if one is not None}


async def _refuse_known(context: ActContext, address: str) -> None:
    """Raises BadInput for the page of an account in use, AlreadyDone for one that was reported and waits."""
    keys = _keys(context.policy, address)
    accounts = select(Account.id).where(
        col(Account.page_key).in_(keys), col(Account.state).not_in(ENDED_ACCOUNTS)
    )
    if (known := (await context.session.exec(accounts)).first()) is not None:
        raise BadInput(f"This is the page of account {known}: `steward account show {known}` shows it.")
    waiting = select(UnapprovedPage).where(col(UnapprovedPage.ended_at).is_(None))
    for one in (await context.session.exec(waiting)).all():
        if one.address == address or keys & _keys(context.policy, one.address):
            raise AlreadyDone(f"This page is reported already: page {one.id}, until {one.due_on}.")


async def _open(context: ActContext, number: int) -> UnapprovedPage:
    page = await lookup.by_id(context.session, UnapprovedPage, number)
    if page.ended_as is not None:
        raise AlreadyDone(f"Page {number} is settled already: {page.ended_as}.")
    return page


async def _end(context: ActContext, number: int, ended: PageEnd, values: Mapping[str, object]) -> Receipt:
    own = {"ended_at": context.now, "ended_by_id": context.person_id, "ended_as": ended}
    await _change(context, number, {**values, **own})
    await _note(context, number, f"page {ended}")
    await context.apply(Outcome((Settle(about=_subject(number), kinds=(ItemKind.SETTLE_PAGE,)),)))
    return Receipt(_subject(number), ended, f"Page {number} is settled: {ended}.")


def _subject(number: int) -> Subject:
    return Subject(SubjectKind.PAGE, number)


async def _change(context: ActContext, number: int, values: Mapping[str, object]) -> None:
    await context.session.run(
        update(table_of(UnapprovedPage)).where(col(UnapprovedPage.id) == number).values(**values)
    )


async def _ask(context: ActContext, number: int) -> None:
    """Ask the school, or who keeps the policy; nobody while the control observes."""
    control = context.policy.first(Inventory)
    if control is None or control.mode is not Mode.ENFORCE:
        return
    page = await lookup.by_id(context.session, UnapprovedPage, number)
    await context.session.refresh(page)
    policy, about = context.policy, _subject(number)
    runs = policy.office(policy.duties.runs_school)
    office = policy_office(policy) if page.school_id is None else office_at(runs, page.school_id)
    key = f"{about}/settle/{page.due_on}"
    told = PageToSettle(control=control.name, due_on=page.due_on)
    steps: tuple[Step, ...] = (
        Ask(key, ItemKind.SETTLE_PAGE, office, about, control.name, page.due_on),
        Tell(told, office, f"{key}/{context.now:%Y%m%dT%H%M%S}", about),
    )
    await context.apply(Outcome(steps))


async def _note(context: ActContext, number: int, cause: str) -> None:
    control = next((one.name for one in context.policy.of(Inventory)), "")
    await context.note(_subject(number), control=control, cause=cause, body={})
