"""Which acts somebody may do with one account: their own rules, asked by what a page has read already."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace

from policy.controls.attested import Attested
from policy.controls.display import UNSEEN, Display
from policy.controls.identify_owner import IdentifyOwner
from policy.model import Policy
from schemas.errors import StewardError
from schemas.states import AccessState
from schemas.words import AccessRole, CustodyMode
from tasks.accounts.listing import Shown
from tasks.acts.context import ActContext
from tasks.acts.table import ACTS
from tasks.acts.who import now_known

#: What there is only where a password is shared, and only where none is.
_OF_PASSWORDS = frozenset({"record-a-new-password", "confirm-a-new-password"})
_OF_LISTS = frozenset({"review-administrators"})


async def may_do(context: ActContext, shown: Shown, names: Iterable[str]) -> tuple[str, ...]:
    """Of these acts, those that make sense for the account as it is, and that who acts may do with it."""
    mine = [one for one in shown.accesses if one.person == context.person_id]
    states: Mapping[str, str] = {one.role: one.state for one in mine if one.state != AccessState.REVOKED}
    now_known(context, shown.account, states)
    form = SimpleNamespace(
        account=shown.account, accounts=(shown.account,), person=str(context.person_id), strike=()
    )
    sensible = [one for one in names if makes_sense(one, shown, context.policy)]
    return tuple([one for one in sensible if await _may(context, one, form, states)])


async def _may(context: ActContext, name: str, form: SimpleNamespace, states: Mapping[str, str]) -> bool:
    """Whether their own rule lets them; what it refuses in a sentence of its own, it refuses."""
    if name == "accept-responsibility":
        return AccessRole.ADMINISTRATOR in states
    if name == "remove-an-administrator" and states:  # themself, if nobody else
        return True
    who = ACTS[name].load().who
    try:
        return await who.test(context, form) is not None
    except StewardError:
        return False


def makes_sense(name: str, shown: Shown, policy: Policy) -> bool:
    """Whether there is anything to do at such an account, whoever does it."""
    rotates = policy.custody_terms(CustodyMode(shown.custody)).rotates
    match name:
        case _ if name in _OF_PASSWORDS:
            return rotates
        case _ if name in _OF_LISTS:
            return not rotates
        case "attest-privacy-settings":
            return policy.first(Attested, level=shown.level) is not None
        case "attest-a-notice":
            return _is_unread(shown) and policy.first(Display, level=shown.level) is not None
        case "attest-a-profile":
            return _is_unread(shown) and policy.first(IdentifyOwner, level=shown.level) is not None
        case _:
            return True


def _is_unread(shown: Shown) -> bool:
    """Whether people say what its page shows: what was read is no matter of anybody's word."""
    seen = shown.page
    return seen is not None and (seen.verdict in UNSEEN or seen.said_by is not None)
