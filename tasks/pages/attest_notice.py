"""What a person saw on a page that can't be read by us: the notice, for a while."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from policy.controls.display import UNSEEN, Display
from schemas.accounts import Account
from schemas.errors import NotNow
from schemas.events import EventKind
from schemas.evidence import PageCheck
from schemas.forms import ActForm, OnCommand, PersonRef, Reason
from schemas.outcome import Emit, Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.words import ItemKind, PageVerdict, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.second_person import SECOND_PERSON
from tasks.pages.attest_profile import saw_owner
from tasks.pages.looks import latest_look
from tasks.store import lookup
from tasks.store.evidence import keep


class NoticeSeenForm(ActForm):
    """You saw the notice on a page that Steward can't read; it holds for a while."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    evidence: Reason = Field(
        title="What shows it", description="Where the picture of the page is kept, or how you looked."
    )
    linked: bool = Field(
        default=False,
        title="By a link",
        description="The profile links to the notice instead of carrying it.",
    )
    owner: Annotated[PersonRef | None, OnCommand("--owner")] = Field(
        default=None,
        title="Whose name and position",
        description="Where its profile must name somebody: the administrator whose name and position you "
        "saw. Empty where they are not there.",
    )


@act(
    NoticeSeenForm,
    who=SECOND_PERSON,
    does="attests what its page shows",
    control=(Display,),
    in_person=True,
)
async def attest_notice(context: ActContext, form: NoticeSeenForm) -> Receipt:
    """Record that somebody saw the notice on a page that Steward could not read.

    Only while the latest look could not read it; what a look found is overruled instead. By a second person,
    never by its own administrators. It holds for the policy's `attested_good_days`. Who saw there whose
    account it is says that with it: nobody is asked for it afterwards.

    Raises:
        NotNow: the page was not looked at yet, or could be read; `owner` is not to be seen there.
        Unknown: no such account or person.
    """
    session, policy, now = context.session, context.policy, context.now
    account = await lookup.by_id(session, Account, form.account)
    display = policy.first(Display, level=account.level)
    if display is None:
        raise NotNow(f"The policy asks for no notice on the page of a {policy.label(account.level)} account.")
    version = policy.notice_by_id(display.notice).version
    last = await latest_look(session, form.account)
    if last is None or last.address != account.address:
        raise NotNow(f"Nobody has looked at this page yet: run `steward attest page {form.account}` first.")
    if last.verdict not in UNSEEN and last.attested_by_id is None:
        raise NotNow(
            f"Steward read this page itself and found: {last.verdict}. Mend the page and have it looked at "
            f"again with `steward attest page {form.account}`; if that is wrong, say what you saw with "
            f"`steward attest otherwise {form.account}`."
        )
    if form.owner:
        await saw_owner(context, account, form.owner, form.evidence)
    good_through = context.today + timedelta(days=display.attested_good_days)
    subject = Subject(SubjectKind.ACCOUNT, form.account)
    await keep(
        session,
        PageCheck,
        account_id=form.account,
        checked_at=now,
        verdict=PageVerdict.LINKED if form.linked else PageVerdict.EXACT,
        notice_version=version,
        address=last.address,
        statements=[],
        detail=form.evidence,
        text="",
        attested_by_id=context.person_id,
        good_through=good_through,
    )
    await context.note(
        subject,
        control=display.name,
        cause="notice attested",
        body={"notice": version, "good through": good_through.isoformat()},
    )
    outcome = Outcome(
        (Settle(about=subject, kinds=(ItemKind.MEND_NOTICE,)), Emit(EventKind.PAGE_CHECKED, subject))
    )
    await context.apply(outcome)
    return Receipt(
        subject, "attested", f"Attested until {good_through}; the page is still looked at meanwhile."
    )
