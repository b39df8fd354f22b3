"""What a second person saw on a page, where a look of ours found something else."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from policy.controls.display import SHOWN, UNSEEN, Display
from schemas.accounts import Account
from schemas.errors import NotNow
from schemas.events import EventKind
from schemas.evidence import PageCheck
from schemas.forms import ActForm, OnCommand, Reason
from schemas.outcome import Emit, Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.words import ItemKind, PageVerdict, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.second_person import SECOND_PERSON
from tasks.pages.looks import latest_look
from tasks.store import lookup
from tasks.store.evidence import keep


class Seen(StrEnum):
    """What somebody sees of the notice on a page."""

    EXACT = "exact"
    LINKED = "linked"
    ALTERED = "altered"
    MISSING = "missing"


class OverruleForm(ActForm):
    """You saw something else on a page than Steward's look found; it holds for a while."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    shows: Seen = Field(title="What you saw", description="Of the notice: exact, linked, altered or missing.")
    evidence: Reason = Field(
        title="What shows it", description="Where the picture of the page is kept, or how you looked."
    )


@act(
    OverruleForm,
    who=SECOND_PERSON,
    does="overrules what a look found",
    control=(Display,),
    in_person=True,
)
async def overrule(context: ActContext, form: OverruleForm) -> Receipt:
    """Record that a person saw something else on a page than the latest look found.

    It holds for the policy's `attested_good_days`, while looks find the same as before or can't read the
    page; a look that finds something new counts again.

    Raises:
        NotNow: the page was not looked at, could not be read, or that is what was found.
        Unknown: no such account or person.
    """
    session = context.session
    account = await lookup.by_id(session, Account, form.account)
    display = context.policy.first(Display, level=account.level)
    if display is None:
        label = context.policy.label(account.level)
        raise NotNow(f"The policy asks for no notice on the page of a {label} account.")
    last = await latest_look(session, form.account)
    if last is None or last.address != account.address:
        raise NotNow(f"Nobody has looked at this page yet: run `steward attest page {form.account}` first.")
    if last.verdict in UNSEEN:
        what = "Steward could not tell what this page shows"
        raise NotNow(f"{what}: say what you saw with `steward attest notice {form.account}`.")
    saw = PageVerdict(form.shows)
    if last.verdict is saw:
        raise NotNow(f"That is what stands of this page already: {saw}.")
    good_through = context.today + timedelta(days=display.attested_good_days)
    subject = Subject(SubjectKind.ACCOUNT, form.account)
    found = last.verdict if last.attested_by_id is None else last.overrules or last.verdict
    await keep(
        session,
        PageCheck,
        account_id=form.account,
        checked_at=context.now,
        verdict=saw,
        notice_version=context.policy.notice_by_id(display.notice).version,
        address=last.address,
        statements=[],
        detail=form.evidence,
        text="",
        attested_by_id=context.person_id,
        good_through=good_through,
        overrules=found,
    )
    await context.note(
        subject,
        control=display.name,
        cause="look overruled",
        body={"found": str(found), "seen": str(saw), "good through": good_through.isoformat()},
    )
    settled = (Settle(about=subject, kinds=(ItemKind.MEND_NOTICE,)),) if saw in SHOWN else ()
    await context.apply(Outcome((*settled, Emit(EventKind.PAGE_CHECKED, subject))))
    return Receipt(
        subject, str(saw), f"Stands until {good_through}; a look that finds something new counts again."
    )
