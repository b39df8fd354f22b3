"""Who may say what a page shows: somebody else than those who administer its account."""

from sqlalchemy import select
from sqlmodel import col

from policy.authority import looking
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.errors import NotAllowed
from schemas.forms import ActForm
from schemas.language import half
from schemas.states import AccessState
from schemas.words import AccessRole, ItemKind
from tasks.acts.context import ActContext, Right
from tasks.acts.who import (
    APPROVER,
    CUSTODIAN,
    POLICY_OFFICE,
    Who,
    asked,
    climbed,
    holds,
    in_office,
    known_inside,
)
from tasks.store import lookup
from tasks.store.holders import holders_at

_OFFICES = CUSTODIAN | POLICY_OFFICE | APPROVER | asked(ItemKind.MEND_NOTICE) | climbed(ItemKind.MEND_FINDING)


class OfAccount(ActForm):
    """About one account."""

    account: int


async def _another(context: ActContext, form: OfAccount) -> Right | None:
    right = await _OFFICES.test(context, form) or await _instead(context, form.account)
    if right is None:
        return None
    if (states := known_inside(context, form.account)) is not None:
        own = AccessRole.ADMINISTRATOR in states
    else:
        own = await _administers(context, form.account)
    if own:
        raise NotAllowed(
            f"You administer account {form.account}: somebody else says what its page shows. Ask another who "
            "keeps or approves such accounts."
        )
    return right


async def _instead(context: ActContext, account_id: int) -> Right | None:
    """The right of the office that steps in, where the nearer ones have nobody but its administrators."""
    account = await lookup.by_id(context.session, Account, account_id)
    offices = looking(context.policy, account.level, account.school_id)
    right = await holds(context, *offices)
    if right is None:
        return None
    administering = await context.session.run(
        select(col(Access.person_id)).where(
            col(Access.account_id) == account_id,
            col(Access.role) == AccessRole.ADMINISTRATOR,
            col(Access.state) != AccessState.REVOKED,
        )
    )
    theirs = set(administering.scalars())
    acting = await holders_at(context.session, offices, context.today)
    first = next((one for one in offices if {each.person_id for each in acting[one]} - theirs), None)
    return None if first is None else await holds(context, first)


async def _administers(context: ActContext, account_id: int) -> bool:
    found = await context.session.run(
        select(col(Access.id)).where(
            col(Access.account_id) == account_id,
            col(Access.person_id) == context.person_id,
            col(Access.role) == AccessRole.ADMINISTRATOR,
            col(Access.state) != AccessState.REVOKED,
        )
    )
    return found.first() is not None


def _words(policy: Policy) -> str:
    keeps = policy.label(policy.duties.keeps_policy)
    return half(
        "who keeps or approves the account, or the {office}, and does not administer it,", office=keeps
    )


#: Four eyes: who keeps the account, approves such accounts or keeps the policy, never its own administrator.
SECOND_PERSON = Who(_words, _another, in_office)
