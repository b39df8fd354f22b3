"""Who looks at accounts that they have no access to: a deputy, the school's office, who keeps the policy."""

from datetime import date

from sqlalchemy import select
from sqlmodel import col

from policy.authority import custodians, policy_office
from policy.looks import who_looks
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.outcome import RoleAt, Subject
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, SubjectKind
from tasks.acts.context import ActContext
from tasks.acts.who import holds
from tasks.monitoring.facts import look_facts
from tasks.store.climbed import climbed_to
from tasks.store.holders import stood_in_for
from tasks.store.session import Session


async def looks_instead(session: Session, policy: Policy, person: int, today: date) -> tuple[int, ...]:
    """The live accounts that a person looks at on `today` as a deputy: all who administer them are away."""
    away = await stood_in_for(session, person, today)
    if not away:
        return ()
    found = await session.run(
        select(col(Access.account_id))
        .join(Account, col(Account.id) == col(Access.account_id))
        .where(
            col(Access.person_id).in_(away),
            col(Access.state) == AccessState.GRANTED,
            col(Account.state) == AccountState.LIVE,
        )
        .distinct()
    )
    facts = await look_facts(session, list(found.scalars()), policy, today)
    return tuple(
        one.account_id
        for one in facts
        if person in who_looks(one, policy) and person not in {looker.person_id for looker in one.lookers}
    )


async def may_look(context: ActContext, account: Account) -> bool:
    """Whether somebody without access may say that they looked at an account.

    A deputy of one of its administrators who is away; and the offices that must have a way in, that run its
    school, that keep the policy, or that were asked because nobody looked.
    """
    number, policy = account.id or 0, context.policy
    (facts,) = await look_facts(context.session, (number,), policy, context.today)
    if any(context.person_id in one.deputies for one in facts.lookers):
        return True
    about = Subject(SubjectKind.ACCOUNT, number)
    offices = (
        *custodians(policy, account.level, account.school_id),
        *([] if account.school_id is None else [RoleAt(policy.duties.runs_school, account.school_id)]),
        policy_office(policy),
        *await climbed_to(context.session, policy, ItemKind.LOOK_AGAIN, about, account.school_id),
    )
    return await holds(context, *offices) is not None
