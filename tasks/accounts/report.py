"""An administrator reports that the account is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col

from policy.authority import approving
from policy.controls.attested import Attested
from policy.controls.custody import Custody
from policy.custody import custody_lacks
from policy.model import Policy
from policy.privacy import checklist_for, privacy_unmet
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotNow
from schemas.events import EventKind
from schemas.evidence import PrivacyReview
from schemas.forms import ActForm, Identifier, OnCommand, PageAddress, SettingId, VaultReference
from schemas.outcome import Emit, Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.states import AccountState
from schemas.words import CustodyMode, ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import ADMINISTRATOR, POLICY_OFFICE, climbed
from tasks.store import lookup
from tasks.store.evidence import keep
from tasks.store.same import keys_for


@dataclass(frozen=True)
class _Custody:
    custody: CustodyMode
    vault_reference: str | None
    custodian_is_administrator: bool


def settings(policy: Policy, account: Account, done: Sequence[str]) -> tuple[str, ...]:
    """The ids of the settings that are done; "all" is every one of the platform's checklist."""
    if tuple(done) == ("all",):
        checklist = checklist_for(account, policy)
        return () if checklist is None else tuple(item.id for item in checklist.items)
    return tuple(done)


class ReportForm(ActForm):
    """The account is there: where, who else can reach it, its privacy settings."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    address: PageAddress = Field(title="Address of its public page")
    platform_id: Identifier = Field(
        title="Permanent id",
        description="The platform's own id, which stays when the handle changes: it stands in the platform's "
        "settings or tools for business. Not the handle.",
    )
    custodian_is_administrator: Annotated[bool, OnCommand("--custodian")] = Field(
        default=False,
        title="Who keeps the account is an administrator too",
        description="On the platform itself, the office that must be able to reach it is among its "
        "administrators. Where that can't be so, give a vault reference.",
    )
    vault_reference: Annotated[VaultReference, OnCommand("--vault")] = Field(
        default="",
        title="Vault reference",
        description="The entry in the vault, as vault/Lakeside or op://…; never the password itself.",
    )
    privacy_done: Annotated[tuple[SettingId, ...], OnCommand("--privacy")] = Field(
        default=(),
        title="Privacy settings done",
        description="The ids of the checklist's items that are set, or 'all'.",
    )
    notice_address: PageAddress | None = Field(
        default=None,
        title="Address of the page with the notice",
        description="Where a profile is too short for the notice, the page that it links to.",
    )


@act(
    ReportForm,
    who=ADMINISTRATOR | POLICY_OFFICE | climbed(ItemKind.CREATE_ACCOUNT),
    does="reports it",
    control=(Custody, Attested),
)
async def report_account(context: ActContext, form: ReportForm) -> Receipt:
    """Record where the account is, its permanent id, who else can reach it, and its privacy settings.

    What is missing, of custody or of the privacy checklist, is said all at once, and until then nothing is
    recorded. The page is looked at next.

    Raises NotNow unless the account is being prepared, BadInput for what is missing and for a page or an
    id that another account has, Unknown.
    """
    session, policy, now = context.session, context.policy, context.now
    account = await lookup.by_id(session, Account, form.account)
    if account.state is not AccountState.PREPARING:
        raise NotNow(
            f"Account {form.account} is '{account.state}': it is reported while it is being prepared."
        )
    vault, done = form.vault_reference or None, settings(policy, account, form.privacy_done)
    unmet = privacy_unmet(account, done, policy)
    checklist = checklist_for(account, policy)
    texts = {} if checklist is None else {item.id: item.text for item in checklist.items}
    missing, wrong = [], {}
    if form.platform_id.startswith("@"):
        wrong["platform_id"] = "Give the platform's own id, not the handle: a handle can change."
        missing.append(wrong["platform_id"])
    evidence = _Custody(account.custody, vault, form.custodian_is_administrator)
    if lack := custody_lacks(evidence, policy, account.level):
        wrong["custodian_is_administrator"] = lack
        missing.append(lack)
    if unmet:
        first = "; ".join(texts[item].rstrip(".") for item in unmet)
        wrong["privacy_done"] = f"Set these privacy settings first: {first}"
        said = "; ".join(f"{texts[item].rstrip('.')} ({item})" for item in unmet)
        missing.append(f"Set these privacy settings first: {said}")
    if missing:
        raise BadInput(f"Account {form.account} is not reported yet. {' '.join(missing)}", fields=wrong)
    known_by = await keys_for(session, policy, account, address=form.address, platform_id=form.platform_id)
    await session.run(
        update(table_of(Account))
        .where(col(Account.id) == form.account)
        .values(
            address=form.address,
            platform_id=form.platform_id,
            **known_by,
            vault_reference=vault,
            custodian_is_administrator=form.custodian_is_administrator,
            notice_address=form.notice_address,
            reported_at=now,
            reported_by_id=context.person_id,
        )
    )
    if checklist is not None:
        await keep(
            session,
            PrivacyReview,
            account_id=form.account,
            checklist_version=checklist.version,
            unmet=[],
            attested_by_id=context.person_id,
            attested_at=now,
            recorded_via=context.actor.via,
        )
    subject = Subject(SubjectKind.ACCOUNT, form.account)
    await context.note(
        subject,
        control=approving(context.policy, account.level),
        cause="account reported",
        body={
            **({} if checklist is None else {"checklist": checklist.version}),
            "custody": account.custody.value,
            "vault reference": vault is not None,
            "custodian": form.custodian_is_administrator,
        },
    )
    outcome = Outcome(
        (
            Settle(about=subject, kinds=(ItemKind.CREATE_ACCOUNT, ItemKind.MEND_NOTICE)),
            Emit(EventKind.ACCOUNT_REPORTED, subject),
        )
    )
    await context.apply(outcome)
    return Receipt(
        subject,
        "reported",
        f"Account {form.account} is reported; its page is looked at now for the notice.",
    )
