"""The facts of shared passwords, of many accounts at once: four statements, however many there are."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, select
from sqlmodel import col

from policy.controls.rotate_secret import RotateSecret
from policy.credential_rotation import asked_on
from policy.model import Policy
from policy.selects import rotates, start_of
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.evidence import Rotation
from schemas.facts import RotationFacts
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import CustodyMode, ItemKind, SubjectKind
from tasks.credentials.lately import either, nothing_since
from tasks.credentials.selects import ACCOUNTS, asked_by
from tasks.store.asked import asked_about
from tasks.store.given import IDS, among
from tasks.store.session import Session


async def rotating(session: Session, policy: Policy, today: date) -> dict[int, str]:
    """The accounts whose password may be due to be asked for, or no longer; their handles.

    Live ones with a secret that was not changed for nearly a year, or that somebody who lost access knows,
    and those that were asked for a change. What is due, if anything, `decide_rotation` says.
    """
    asked = col(Account.id).in_(asked_about(ItemKind.ROTATE_CREDENTIALS, SubjectKind.ACCOUNT))
    change = policy.first(RotateSecret)
    if change is None:
        return await either(session, asked)
    ladder = change.reminders_days_before
    last_due = policy.calendar.asked_through(today, lambda due: asked_on(due, ladder, policy.calendar))
    changed = start_of(last_due - timedelta(days=change.every_days - 1), policy.zone)
    lost = select(col(Access.account_id)).where(
        col(Access.knows_secret_since).is_not(None),
        col(Access.knows_secret_until).is_(None),
        col(Access.state).in_((AccessState.SUSPENDED, AccessState.REVOKED)),
    )
    live = and_(col(Account.state) == AccountState.LIVE, rotates(policy))
    return await either(
        session,
        and_(live, nothing_since(table_of(Rotation).c.rotated_at, changed)),
        and_(live, col(Account.id).in_(lost)),
        asked,
    )


#: When the password of each was last changed.
_ROTATED = (
    select(col(Rotation.account_id), func.max(col(Rotation.rotated_at)).label("at"))
    .where(among(col(Rotation.account_id), IDS))
    .group_by(col(Rotation.account_id))
)
#: Who had access ever, and whether they know the password as it is now.
_ACCESSES = (
    select(
        col(Access.account_id),
        col(Access.person_id),
        col(Access.state),
        col(Access.state_since),
        and_(col(Access.knows_secret_since).is_not(None), col(Access.knows_secret_until).is_(None)).label(
            "knows"
        ),
        col(Person.active),
    )
    .join(Person, col(Person.id) == col(Access.person_id))
    .where(among(col(Access.account_id), IDS))
    .order_by(col(Access.person_id))
)
#: The open items that ask for a change.
_ITEMS = asked_by(ItemKind.ROTATE_CREDENTIALS)


async def rotation_facts(session: Session, account_ids: Sequence[int]) -> tuple[RotationFacts, ...]:
    """The facts of these accounts, in the order of their numbers.

    A password counts as changed when the account became live. Whoever has `knows_secret_until` no longer
    knows it: it was changed without them.
    """
    if not account_ids:
        return ()
    of = {"ids": account_ids}
    rotated = {row.account_id: row.at for row in await session.run(_ROTATED, of)}
    accesses = await session.rows(_ACCESSES, of)
    items = await session.rows(_ITEMS, of)
    administrators: dict[int, tuple[int, ...]] = {}
    lost: dict[int, datetime] = {}
    for one in accesses:
        if one.state == AccessState.GRANTED and one.active:
            administrators[one.account_id] = (*administrators.get(one.account_id, ()), one.person_id)
        elif one.knows and one.state in {AccessState.SUSPENDED, AccessState.REVOKED}:
            known = lost.get(one.account_id)
            lost[one.account_id] = one.state_since if known is None else max(known, one.state_since)
    asked: dict[int, frozenset[str]] = {}
    for item in items:
        asked[item.subject_id] = asked.get(item.subject_id, frozenset()) | {item.key}
    accounts = await session.run(ACCOUNTS, of)
    return tuple(
        RotationFacts(
            account_id=row.id,
            account_state=AccountState(row.state),
            custody=CustodyMode(row.custody),
            changed_at=max(row.since, rotated.get(row.id, row.since)),
            lost_at=lost.get(row.id),
            administrators=administrators.get(row.id, ()),
            asked=asked.get(row.id, frozenset()),
        )
        for row in accounts
    )
