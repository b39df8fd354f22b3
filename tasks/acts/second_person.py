"""Who may say what a page shows: somebody else than those who administer its account."""

from collections.abc import Collection

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
from tasks.acts.who import APPROVER, CUSTODIAN, POLICY_OFFICE, Who, asked, climbed, holds, in_office
from tasks.store import lookup
from tasks.store.holders import holders

_OFFICES = CUSTODIAN | POLICY_OFFICE | APPROVER | asked(ItemKind.MEND_NOTICE) | climbed(ItemKind.MEND_FINDING)


class OfAccount(ActForm):
    """About one account."""

    account: int


async def _another(context: ActContext, form: OfAccount) -> Right | None:
    account = await lookup.by_id(context.session, Account, form.account)
    found = await (await context.session.connection()).execute(
        select(col(Access.person_id)).where(
            col(Access.account_id) == form.account,
            col(Access.role) == AccessRole.ADMINISTRATOR,
            col(Access.state) != AccessState.REVOKED,
        )
    )
    administering = frozenset(found.scalars())
    right = await _OFFICES.test(context, form) or await _instead(context, account, administering)
    if right is not None and context.person_id in administering:
        raise NotAllowed(
            f"You administer account {form.account}: somebody else says what its page shows. Ask another who "
            "keeps or approves such accounts."
        )
    return right


async def _instead(context: ActContext, account: Account, administering: Collection[int]) -> Right | None:
    """The right of the office that steps in, where the nearer ones have nobody but its administrators."""
    for office in looking(context.policy, account.level, account.school_id):
        acting = await holders(context.session, office, context.today)
        if {one.person_id for one in acting} - set(administering):
            return await holds(context, office)
    return None


def _words(policy: Policy) -> str:
    keeps = policy.label(policy.duties.keeps_policy)
    return half(
        "who keeps or approves the account, or the {office}, and does not administer it,", office=keeps
    )


#: Four eyes: who keeps the account, approves such accounts or keeps the policy, never its own administrator.
SECOND_PERSON = Who(_words, _another, in_office)
