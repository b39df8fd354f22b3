"""The facts of an account on its way to going live."""

from datetime import date

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.controls.display import Display
from policy.model import Policy
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account, AccountRequest
from schemas.evidence import PageCheck, PrivacyReview
from schemas.facts import AccountFacts, Administrator
from schemas.machinery import ActionItem
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, ItemState, PageVerdict, SubjectKind
from tasks.store.candidates import candidates
from tasks.store.lookup import by_id


async def account_facts(session: AsyncSession, account_id: int, policy: Policy, today: date) -> AccountFacts:
    """The facts of one account. Raises Unknown."""
    row = await by_id(session, Account, account_id)
    connection = await session.connection()
    accesses = (
        await connection.execute(
            select(col(Access.id), col(Access.person_id), col(Access.version), col(Access.state))
            .where(col(Access.account_id) == account_id, col(Access.role) == AccessRole.ADMINISTRATOR)
            .order_by(col(Access.id))
        )
    ).all()
    elsewhere = set(
        (
            await connection.execute(
                select(col(Access.person_id))
                .join(Account, col(Account.id) == col(Access.account_id))
                .where(
                    col(Access.person_id).in_([one.person_id for one in accesses]),
                    col(Access.account_id) != account_id,
                    col(Access.state) != AccessState.REVOKED,
                    col(Account.state).not_in(ENDED_ACCOUNTS),
                )
            )
        ).scalars()
    )
    people = await candidates(
        session,
        [one.person_id for one in accesses],
        level=row.level,
        school_id=row.school_id,
        account_id=account_id,
        policy=policy,
        today=today,
    )
    request = (
        await connection.execute(
            select(col(AccountRequest.id), col(AccountRequest.requester_id)).where(
                col(AccountRequest.account_id) == account_id
            )
        )
    ).first()
    privacy = (
        await connection.execute(
            select(col(PrivacyReview.checklist_version), col(PrivacyReview.unmet)).where(
                col(PrivacyReview.account_id) == account_id, col(PrivacyReview.latest)
            )
        )
    ).first()
    look, display = None, policy.first(Display, level=row.level)
    begun = row.state in {AccountState.LIVE, AccountState.SUSPENDED}
    if (begun or row.reported_at is not None) and display is not None:
        since = () if row.reported_at is None else (col(PageCheck.checked_at) >= row.reported_at,)
        look = (
            await connection.execute(
                select(col(PageCheck.id), col(PageCheck.verdict))
                .where(
                    col(PageCheck.account_id) == account_id,
                    *since,
                    col(PageCheck.notice_version) == policy.notice_by_id(display.notice).version,
                )
                .order_by(col(PageCheck.id).desc())
                .limit(1)
            )
        ).first()
    asked = (
        await connection.execute(
            select(col(ActionItem.key)).where(
                col(ActionItem.subject_kind) == SubjectKind.ACCOUNT,
                col(ActionItem.subject_id) == account_id,
                col(ActionItem.state) == ItemState.OPEN,
            )
        )
    ).scalars()
    return AccountFacts(
        id=account_id,
        state=AccountState(row.state),
        version=row.version,
        state_since=row.state_since,
        level=row.level,
        school_id=row.school_id,
        platform=row.platform,
        custody=row.custody,
        requester_id=request.requester_id if request else None,
        request_id=request.id if request else None,
        administrators=tuple(
            Administrator(
                one.id,
                one.version,
                AccessState(one.state),
                people[one.person_id],
                elsewhere=one.person_id in elsewhere,
            )
            for one in accesses
        ),
        reported_at=row.reported_at,
        vault_reference=row.vault_reference,
        custodian_is_administrator=row.custodian_is_administrator,
        privacy_version=privacy.checklist_version if privacy else None,
        privacy_unmet=tuple(privacy.unmet) if privacy else (),
        page_check_id=look.id if look else None,
        page_verdict=PageVerdict(look.verdict) if look else None,
        asked=frozenset(asked),
        closes_on=row.closes_on,
    )
