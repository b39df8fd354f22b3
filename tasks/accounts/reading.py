"""Who may read all that is known of an account: whoever may act on it, or approves such accounts."""

from datetime import datetime
from types import SimpleNamespace

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from policy.identity import handle_key
from policy.model import Policy
from policy.privacy import checklist_for
from schemas.accounts import Access, Account
from schemas.errors import Unknown
from schemas.language import t
from schemas.people import School
from schemas.states import AccessState, AccountState
from schemas.words import Via
from tasks.acts.context import ActContext
from tasks.acts.who import ADMINISTRATOR, APPROVER, CUSTODIAN, ITS_SCHOOL, POLICY_OFFICE, SANCTION_OFFICE
from tasks.store import lookup
from tasks.store.audit import Actor
from tasks.store.session import Session

_WHO = ADMINISTRATOR | CUSTODIAN | ITS_SCHOOL | APPROVER | POLICY_OFFICE | SANCTION_OFFICE


#: An account with its school, and whether a person has an access to it that was not revoked.
_ASKED = (
    select(
        Account,
        School,
        select(Access.id)
        .where(
            col(Access.account_id) == col(Account.id),
            col(Access.person_id) == bindparam("person"),
            col(Access.state) != AccessState.REVOKED,
        )
        .exists(),
    )
    .outerjoin(School, col(School.id) == col(Account.school_id))
    .where(col(Account.id) == bindparam("account"))
)


async def readable(
    session: Session, policy: Policy, person: int, account: int, now: datetime
) -> tuple[Account, School | None] | None:
    """An account that a person may read, with its school; while they are held, the session has them.

    None where the person may not, or it is not there, so that nobody learns which are.
    """
    found = (await session.exec(_ASKED, params={"account": account, "person": person})).first()
    if found is None:
        return None
    row, school, is_theirs = found
    if not is_theirs:
        context = ActContext(session, policy, policy.calendar, Actor(person, Via.PORTAL), now)
        if await _WHO.test(context, SimpleNamespace(account=account)) is None:
            return None
    return row, school


async def settings(
    session: Session, policy: Policy, person: int, account: int, now: datetime
) -> tuple[tuple[str, str], ...]:
    """The privacy settings of an account's platform: id, and the setting with the way to it.

    None where the person may not read the account, it is not there, or nothing is asked of it.
    """
    found = await readable(session, policy, person, account, now)
    if found is None:
        return ()
    row, _ = found
    asked = checklist_for(row, policy)
    return () if asked is None else tuple((one.id, one.step) for one in asked.items)


async def called(session: Session, policy: Policy, person: int, account: int, now: datetime) -> str:
    """What people call an account; empty where the person may not read it, or it is not there."""
    found = await readable(session, policy, person, account, now)
    if found is None:
        return ""
    row, _ = found
    return policy.says_account(row.platform, row.handle)


#: What anybody may know of: see `public_register`.
_PUBLIC = frozenset({AccountState.LIVE, AccountState.SUSPENDED})


async def meant(session: Session, policy: Policy, person: int, said: str, now: datetime) -> int:
    """The number of the account that a person means by its handle, by what it is called, or by its address.

    Only of those that they may read, and of those that the public may see. Raises Unknown: there is none, or
    there are several, each with what it is called.
    """
    key = handle_key(said)
    begins = func.substr(key, 1, func.length(col(Account.handle_key))) == col(Account.handle_key)
    called_so = [
        one
        for one in (await session.exec(select(Account).where(begins).order_by(col(Account.id)))).all()
        if handle_key(policy.says_account(one.platform, one.handle)) == key
    ]
    found = []
    for one in called_so or await lookup.accounts(session, said):
        number = one.id or 0
        if one.state in _PUBLIC or await readable(session, policy, person, number, now) is not None:
            found.append((number, policy.says_account(one.platform, one.handle)))
    if len(found) == 1:
        return found[0][0]
    if not found:
        raise Unknown(
            "There is no account of the handle given.",
            shown=t("there is no account called “{said}”: give its handle, as @lakeside.school", said=said),
        )
    names = [name for _, name in found]
    alike = len(set(names)) < len(names)
    choices = ", ".join(f"{number} ({name})" if alike else f"“{name}”" for number, name in found)
    raise Unknown(
        "Several accounts have the handle given.",
        shown=t(
            "several accounts are called “{said}”: write which one, {choices}", said=said, choices=choices
        ),
    )
