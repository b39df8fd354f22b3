"""An administrator reports that the account is there (5.5, 6.2, 7)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import col

from policy.authority import approving, office_at
from policy.calendar import Calendar
from policy.custody import custody_lacks
from policy.model import Policy
from policy.privacy import privacy_unmet
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotAllowed, NotNow
from schemas.events import EventKind
from schemas.evidence import PrivacyReview
from schemas.forms import ReportForm
from schemas.outcome import Emit, Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import CustodyMode, ItemKind, SubjectKind, Via
from tasks.store import Store, audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.evidence import keep
from tasks.store.holders import holders


@dataclass(frozen=True)
class _Custody:
    custody: CustodyMode
    vault_reference: str | None
    custodian_is_administrator: bool


async def every_setting(store: Store, policy: Policy, account_id: int) -> tuple[str, ...]:
    """Every item of the privacy checklist for an account's platform (7). Raises Unknown."""
    async with store.read() as session:
        account = await lookup.by_id(session, Account, account_id)
    return tuple(item.id for item in policy.checklist(account.platform).items)


async def report_account(
    store: Store, policy: Policy, form: ReportForm, *, via: Via, now: datetime
) -> Receipt:
    """Record where the account is, its permanent id, who else can reach it, and its privacy settings.

    What is missing is said all at once, and nothing is recorded until nothing is missing: custody
    (5.5, 6.2), the privacy checklist (7). The page is looked at next (8).

    Raises NotAllowed for anybody but an administrator with access or Communications, NotNow unless the
    account is being prepared, BadInput for what is missing, Unknown.
    """
    calendar = Calendar(policy)
    async with store.write() as session:
        person_id = await lookup.person_id(session, form.reported_by)
        account = await lookup.by_id(session, Account, form.account)
        connection = await session.connection()
        mine = await connection.execute(
            select(col(Access.id)).where(
                col(Access.account_id) == form.account,
                col(Access.person_id) == person_id,
                col(Access.state) == AccessState.GRANTED,
            )
        )
        if mine.first() is None:
            office = office_at(policy.deciders.school, account.school_id)
            allowed = await holders(session, office, calendar.today(now))
            if person_id not in {one.person_id for one in allowed}:
                raise NotAllowed(
                    f"Only an administrator with access to account {form.account}, "
                    "or Communications, reports it."
                )
        if account.state is not AccountState.PREPARING:
            raise NotNow(
                f"Account {form.account} is '{account.state}': it is reported while it is being prepared."
            )
        vault = form.vault_reference or None
        unmet = privacy_unmet(account, form.privacy_done, policy)
        texts = {item.id: item.text for item in policy.checklist(account.platform).items}
        missing = []
        if lack := custody_lacks(_Custody(account.custody, vault, form.custodian_is_administrator), policy):
            missing.append(lack)
        if unmet:
            said = "; ".join(f"{item}: {texts[item]}" for item in unmet)
            missing.append(f"Set these privacy settings first (7): {said}")
        if missing:
            raise BadInput(f"Account {form.account} is not reported yet. {' '.join(missing)}")
        await connection.execute(
            update(table_of(Account))
            .where(col(Account.id) == form.account)
            .values(
                address=form.address,
                platform_id=form.platform_id,
                vault_reference=vault,
                custodian_is_administrator=form.custodian_is_administrator,
                notice_address=form.notice_address,
                reported_at=now,
                reported_by_id=person_id,
            )
        )
        await keep(
            session,
            PrivacyReview,
            account_id=form.account,
            checklist_version=policy.checklist(account.platform).version,
            unmet=[],
            attested_by_id=person_id,
            attested_at=now,
            recorded_via=via,
        )
        subject, actor = Subject(SubjectKind.ACCOUNT, form.account), Actor(person_id, via)
        await audit.append(
            session,
            subject,
            actor=actor,
            control=approving(policy, account.level),
            cause="account reported",
            now=now,
            body={
                "checklist": policy.checklist(account.platform).version,
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
        await apply(session, outcome, actor=actor, calendar=calendar, now=now)
    return Receipt(
        subject,
        "reported",
        f"Account {form.account} is reported; its page is looked at now for the notice (8).",
    )
