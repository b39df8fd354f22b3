"""An account's privacy settings, attested anew: each year, and when its platform's checklist changes."""

from typing import Annotated

from pydantic import Field

from policy.controls.attested import Attested
from policy.privacy import privacy_unmet
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Account
from schemas.errors import NotNow
from schemas.evidence import PrivacyReview
from schemas.forms import ActForm, OnCommand, SettingId
from schemas.outcome import Subject
from schemas.receipt import Receipt
from schemas.words import ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import ADMINISTRATOR, POLICY_OFFICE, climbed
from tasks.store import lookup
from tasks.store.evidence import keep


class PrivacyForm(ActForm):
    """An account's privacy settings are as its platform's checklist asks; anew each year."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    privacy: tuple[SettingId, ...] = Field(
        min_length=1,
        title="Privacy settings that are set",
        description="The ids of the checklist's items that are set, or 'all'; several may be named.",
    )


@act(
    PrivacyForm,
    who=ADMINISTRATOR | POLICY_OFFICE | climbed(ItemKind.MEND_FINDING),
    does="attests its privacy settings",
    control=(Attested,),
)
async def attest_privacy(context: ActContext, form: PrivacyForm) -> Receipt:
    """Record which settings of the platform's present checklist are set; what is left out is not.

    Raises:
        BadInput: the checklist has no such item.
        NotNow: the account has ended.
        Unknown: no such account or person.
    """
    session, policy, now = context.session, context.policy, context.now
    account_id = form.account
    account = await lookup.by_id(session, Account, account_id)
    if account.state in ENDED_ACCOUNTS:
        raise NotNow(f"Account {account_id} is '{account.state}': it has ended.")
    attested = policy.first(Attested, level=account.level)
    if attested is None:
        raise NotNow(f"The policy asks for no settings of a {policy.label(account.level)} account.")
    checklist = policy.checklist(account.platform)
    every = tuple(item.id for item in checklist.items)
    settings = every if form.privacy == ("all",) else form.privacy
    unmet = privacy_unmet(account, settings, policy)
    await keep(
        session,
        PrivacyReview,
        account_id=account_id,
        checklist_version=checklist.version,
        unmet=list(unmet),
        attested_by_id=context.person_id,
        attested_at=now,
        recorded_via=context.actor.via,
    )
    subject = Subject(SubjectKind.ACCOUNT, account_id)
    await context.note(
        subject,
        control=attested.name,
        cause="privacy settings attested",
        body={"checklist": checklist.version, "unmet": len(unmet)},
    )
    texts = {item.id: item.text for item in checklist.items}
    left = "; ".join(f"{texts[item].rstrip('.')} ({item})" for item in unmet)
    said = f"Still to be set: {left}" if left else f"Good for {attested.attest_every_days} days."
    return Receipt(subject, "attested", f"The privacy settings of account {account_id} are attested. {said}")
