"""The account that somebody means by a number or a handle, also where it is only requested yet."""

from sqlmodel import col, select

from policy.identity import handle_key
from schemas.accounts import AccountRequest
from schemas.errors import Unknown
from tasks.cases import Only
from tasks.store import lookup
from tasks.store.session import Session


async def asked_for(session: Session, known_as: str) -> Only:
    """The account with this number or handle, else the newest request for the handle. Raises Unknown."""
    try:
        account = await lookup.account(session, known_as)
    except Unknown:
        wanted = handle_key(known_as)
        newest = select(AccountRequest.handle).order_by(col(AccountRequest.id).desc())
        for handle in (await session.exec(newest)).all():
            if handle_key(handle) == wanted:
                return Only(None, handle)
        raise
    return Only(account.id, account.handle)
