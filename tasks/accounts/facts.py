"""The facts of accounts on their way to going live, many at once: a few statements, however many."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import col

from policy.authority import looking
from policy.controls.display import UNSEEN, Display
from policy.model import Policy
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account, AccountRequest
from schemas.errors import Unknown
from schemas.evidence import PageCheck, PrivacyReview
from schemas.facts import AccountFacts, Administrator
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, ItemState, PageVerdict, SubjectKind
from tasks.store.candidates import Group, candidates
from tasks.store.given import IDS, among
from tasks.store.holders import holders_at
from tasks.store.session import Session

_ACCOUNTS = (
    select(
        col(Account.id),
        col(Account.state),
        col(Account.version),
        col(Account.state_since),
        col(Account.level),
        col(Account.school_id),
        col(Account.platform),
        col(Account.custody),
        col(Account.reported_at),
        col(Account.vault_reference),
        col(Account.custodian_is_administrator),
        col(Account.closes_on),
    )
    .where(among(col(Account.id), IDS))
    .order_by(col(Account.id))
)
_ACCESSES = (
    select(
        col(Access.id), col(Access.account_id), col(Access.person_id), col(Access.version), col(Access.state)
    )
    .where(among(col(Access.account_id), IDS), col(Access.role) == AccessRole.ADMINISTRATOR)
    .order_by(col(Access.id))
)
#: The accounts in use that people have, or are to have, access to.
_IN_USE = (
    select(col(Access.person_id), col(Access.account_id))
    .join(Account, col(Account.id) == col(Access.account_id))
    .where(
        among(col(Access.person_id), IDS),
        col(Access.state) != AccessState.REVOKED,
        col(Account.state).not_in(ENDED_ACCOUNTS),
    )
)
_REQUESTS = select(
    col(AccountRequest.account_id), col(AccountRequest.id), col(AccountRequest.requester_id)
).where(among(col(AccountRequest.account_id), IDS))
_ATTESTED = select(
    col(PrivacyReview.account_id), col(PrivacyReview.checklist_version), col(PrivacyReview.unmet)
).where(among(col(PrivacyReview.account_id), IDS), col(PrivacyReview.latest))
#: The last look at each page, for a notice in one version; since the account was reported, where it was.
_LOOKS = select(
    col(PageCheck.account_id), col(PageCheck.notice_version), col(PageCheck.id), col(PageCheck.verdict)
).where(
    col(PageCheck.id).in_(
        select(func.max(col(PageCheck.id)))
        .join(Account, col(Account.id) == col(PageCheck.account_id))
        .where(
            among(col(Account.id), IDS),
            among(col(PageCheck.notice_version), "versions"),
            or_(col(Account.reported_at).is_(None), col(PageCheck.checked_at) >= col(Account.reported_at)),
        )
        .group_by(col(PageCheck.account_id), col(PageCheck.notice_version))
    )
)
_ASKED = select(col(ActionItem.subject_id), col(ActionItem.key)).where(
    col(ActionItem.subject_kind) == SubjectKind.ACCOUNT,
    among(col(ActionItem.subject_id), IDS),
    col(ActionItem.state) == ItemState.OPEN,
)


async def _onlookers(
    session: Session, policy: Policy, account: Any, administering: set[int], today: date
) -> tuple[RoleAt, ...]:
    """The offices that may say what its page shows, and that somebody holds who does not administer it."""
    offices = looking(policy, account.level, account.school_id)
    acting = await holders_at(session, offices, today)
    return tuple(one for one in offices if {each.person_id for each in acting[one]} - administering)


async def account_facts(session: Session, account_id: int, policy: Policy, today: date) -> AccountFacts:
    """The facts of one account. Raises Unknown."""
    for one in await accounts_facts(session, (account_id,), policy, today):
        return one
    raise Unknown(f"There is no account {account_id}.")


async def accounts_facts(
    session: Session, account_ids: Collection[int], policy: Policy, today: date
) -> tuple[AccountFacts, ...]:
    """The facts of these accounts on `today`, a day of the division's zone, in the order of their numbers."""
    if not account_ids:
        return ()
    of = {"ids": list(account_ids)}
    accounts = await session.rows(_ACCOUNTS, of)
    accesses = defaultdict[int, list[Any]](list)
    for access in await session.run(_ACCESSES, of):
        accesses[access.account_id].append(access)
    groups = [
        Group(tuple(one.person_id for one in accesses[row.id]), row.level, row.school_id, row.id)
        for row in accounts
    ]
    people = dict(zip(groups, await candidates(session, groups, policy, today), strict=True))
    in_use = defaultdict[int, set[int]](set)
    everybody = {one for each in groups for one in each.people}
    for row in await session.run(_IN_USE, {"ids": list(everybody)}):
        in_use[row.person_id].add(row.account_id)
    requests = {row.account_id: row for row in await session.run(_REQUESTS, of)}
    attested = {row.account_id: row for row in await session.run(_ATTESTED, of)}
    versions = {
        level.id: policy.notice_by_id(display.notice).version
        for level in policy.levels
        if (display := policy.first(Display, level=level.id)) is not None
    }
    looks = {
        (row.account_id, row.notice_version): row
        for row in await session.run(_LOOKS, {**of, "versions": sorted({*versions.values()})})
    }
    asked = defaultdict[int, set[str]](set)
    for item in await session.run(_ASKED, of):
        asked[item.subject_id].add(item.key)
    unread = [
        row
        for row in accounts
        if row.state == AccountState.PREPARING
        and (look := looks.get((row.id, versions.get(row.level, "")))) is not None
        and look.verdict in UNSEEN
    ]
    onlookers = {
        row.id: await _onlookers(
            session,
            policy,
            row,
            {one.person_id for one in accesses[row.id] if one.state != AccessState.REVOKED},
            today,
        )
        for row in unread
    }

    def facts(row: Any, group: Group) -> AccountFacts:
        request, privacy = requests.get(row.id), attested.get(row.id)
        begun = row.state in {AccountState.LIVE, AccountState.SUSPENDED}
        look = None
        if begun or row.reported_at is not None:
            look = looks.get((row.id, versions.get(row.level, "")))
        return AccountFacts(
            id=row.id,
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
                    people[group][one.person_id],
                    elsewhere=bool(in_use[one.person_id] - {row.id}),
                )
                for one in accesses[row.id]
            ),
            reported_at=row.reported_at,
            vault_reference=row.vault_reference,
            custodian_is_administrator=row.custodian_is_administrator,
            privacy_version=privacy.checklist_version if privacy else None,
            privacy_unmet=tuple(privacy.unmet) if privacy else (),
            page_check_id=look.id if look else None,
            page_verdict=PageVerdict(look.verdict) if look else None,
            asked=frozenset(asked[row.id]),
            closes_on=row.closes_on,
            onlookers=onlookers.get(row.id, ()),
        )

    return tuple(map(facts, accounts, groups))
