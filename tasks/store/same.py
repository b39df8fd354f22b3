"""Whether an account is one that we have: the keys of an account, and who has them already."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from policy.identity import NoHandle, handle_key, handle_of, keys, looks
from policy.model import Policy
from schemas.accounts import Account, AccountRequest
from schemas.errors import BadInput
from schemas.facts import SameHandle
from schemas.states import AccountState, RequestState
from tasks.store.session import Session

ENDED = (AccountState.CLOSED, AccountState.WITHDRAWN)
_WAITING = (RequestState.SUBMITTED, RequestState.AWAITING_DECISION)
_CALLED = {"handle_key": "handle", "page_key": "page", "platform_key": "permanent id"}


def handle_as_kept(policy: Policy, platform: str, written: str) -> str:
    """A handle as an account keeps it, however somebody wrote it.

    Raises BadInput for an address that names no account there.
    """
    there = next((one for one in policy.platforms if one.name == platform), None)
    if there is None:
        return written
    try:
        return handle_of(written, there)
    except NoHandle as error:
        raise BadInput(f"handle: {error}.", fields={"handle": str(error)}) from None


async def keys_for(session: Session, policy: Policy, account: Account, **changes: Any) -> dict[str, Any]:
    """The keys of an account after these changes of its `handle`, `address` or `platform_id`.

    Whoever writes one of the three writes these columns too.
    Raises BadInput where another account that has not ended has one of them.
    """
    after = {name: changes.get(name, getattr(account, name)) for name in ("handle", "address", "platform_id")}
    platform = next((one for one in policy.platforms if one.name == account.platform), None)
    its = vars(keys(platform, **after, channel=account.channel))
    others = await session.exec(
        select(Account).where(
            col(Account.platform) == account.platform,
            col(Account.id) != account.id,
            col(Account.state).not_in(ENDED),
        )
    )
    for other in others.all():
        theirs = vars(keys(platform, other.handle, other.address, other.platform_id, other.channel))
        for name, key in its.items():
            if key is not None and key == theirs[name]:
                raise BadInput(
                    f"Account {other.id} has this {_CALLED[name]} already: look at it with "
                    f"`steward account show {other.id}`, and give this account its own."
                )
    return its


async def same_handles(session: Session, wanted: Sequence[AccountRequest]) -> dict[int, SameHandle]:
    """For each of these requests: who else has its handle on its platform, or one that looks the same.

    An account that has ended has it no longer.
    """
    if not wanted:
        return {}
    there = {one.platform for one in wanted}
    accounts = await session.exec(
        select(Account.platform, Account.handle, Account.id)
        .where(col(Account.platform).in_(there), col(Account.state).not_in(ENDED))
        .order_by(col(Account.id).desc())
    )
    having = {(platform, looks(handle_key(handle))): number for platform, handle, number in accounts}
    waiting: dict[tuple[str, str], list[int]] = defaultdict(list)
    requests = await session.exec(
        select(AccountRequest.platform, AccountRequest.handle, AccountRequest.id)
        .where(col(AccountRequest.platform).in_(there), col(AccountRequest.state).in_(_WAITING))
        .order_by(col(AccountRequest.id))
    )
    for platform, handle, number in requests:
        waiting[platform, looks(handle_key(handle))].append(number or 0)
    found = {}
    for one in wanted:
        its = (one.platform, looks(handle_key(one.handle)))
        found[one.id or 0] = SameHandle(
            having.get(its), tuple(other for other in waiting[its] if other != one.id)
        )
    return found
