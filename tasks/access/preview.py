"""Which accesses would end or be suspended, and when, if nobody did anything. Changes nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, or_, select, true
from sqlmodel import col

from policy.access_ahead import access_ahead
from policy.model import Policy
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account
from schemas.ahead import Ahead
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.states import AccessState
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.access.candidates import days_of, may_move
from tasks.access.facts import access_facts
from tasks.cases import in_parts
from tasks.store import Store
from tasks.store.brakes import waiting
from tasks.store.given import among


def _asked() -> Select[int | None]:
    """Accesses whose person is asked for a course, or whose last day was told."""
    item = exists().where(
        col(ActionItem.subject_kind) == SubjectKind.PERSON,
        col(ActionItem.subject_id) == col(Access.person_id),
        col(ActionItem.kind) == ItemKind.COMPLETE_COURSE,
        col(ActionItem.state) == ItemState.OPEN,
    )
    text = exists().where(
        col(ActionItem.kind).in_((ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY)),
        col(ActionItem.state) == ItemState.OPEN,
        or_(
            (col(ActionItem.subject_kind) == SubjectKind.PERSON)
            & (col(ActionItem.subject_id) == col(Access.person_id)),
            (col(ActionItem.subject_kind) == SubjectKind.ACCESS)
            & (col(ActionItem.subject_id) == col(Access.id)),
        ),
    )
    return (
        select(col(Access.id))
        .join(Account, col(Account.id) == col(Access.account_id))
        .where(
            col(Access.state) != AccessState.REVOKED,
            col(Account.state).not_in(ENDED_ACCOUNTS),
            or_(col(Access.ends_on).is_not(None), item, text),
        )
    )


async def preview(
    store: Store, policy: Policy, *, account_id: int | None = None, now: datetime
) -> tuple[Ahead, ...]:
    """Every end and suspension of an access that lies ahead, but for what findings lead to.

    What was not announced yet is shown as if it were announced tonight.
    """
    calendar = policy.calendar
    today = calendar.today(now)
    only = true() if account_id is None else col(Access.account_id) == account_id
    ahead: list[Ahead] = []
    async with store.read() as session:
        waits = await waiting(session)
        ids: dict[int, None] = {}
        days: dict[str, Any] = {**days_of(policy, today)}
        if account_id is not None:
            days |= {"account": account_id}
        for row in await session.run(may_move(policy, of_one=account_id is not None), days):
            ids[row.id] = None
        ids |= dict.fromkeys(one for one in (await session.run(_asked().where(only))).scalars() if one)
        for some in in_parts(sorted(ids)):
            people = await session.run(
                select(
                    *(col(Access.id), col(Account.handle), col(Account.platform)),
                    *(col(Person.given_name), col(Person.family_name)),
                )
                .join(Account, col(Account.id) == col(Access.account_id))
                .join(Person, col(Person.id) == col(Access.person_id))
                .where(among(col(Access.id), some))
            )
            named = {one.id: one for one in people}
            for facts in await access_facts(session, some, policy, today):
                who = named[facts.id]
                ahead += [
                    Ahead(
                        one.after,
                        one.what,
                        facts.account_id,
                        who.handle,
                        one.control,
                        None,
                        facts.person_id,
                        one.because,
                        one.stands,
                        f"{who.given_name} {who.family_name}",
                        who.platform,
                    )
                    for one in access_ahead(facts, policy, today, waits)
                ]
    return tuple(sorted(ahead, key=lambda one: one.in_order))
