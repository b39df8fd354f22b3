"""Taking over what a list says otherwise than the store, for accounts that we have."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.controls.inventory import Inventory
from policy.identity import keys
from policy.notices.accounts import AccountClosed
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.events import EventKind
from schemas.outcome import Emit, Move, Outcome, Settle, Step, Subject, Tell
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, CustodyMode, ItemKind, SubjectKind
from tasks.acts.context import ActContext
from tasks.inventory.matching import Known
from tasks.store.transition import begin

#: What of a row becomes a column of the account as it stands.
_COLUMNS = {
    "handle": "handle",
    "address": "address",
    "platform id": "platform_id",
    "custody": "custody",
    "vault reference": "vault_reference",
    "purpose": "purpose",
    "custodian is administrator": "custodian_is_administrator",
}


async def take_changes(
    context: ActContext, one: Known, people: Mapping[str, int], schools: Mapping[str, int], import_id: int
) -> list[str]:
    """Take over what the row says otherwise; what can't be taken from a list, a sentence each."""
    subject = Subject(SubjectKind.ACCOUNT, one.account.id)
    said = {change.what: change for change in one.changes}
    left: list[str] = []
    if (state := said.pop("state", None)) is not None:
        if one.row.state is AccountState.CLOSED:
            await _close(context, one)
            return []
        left.append(
            f"{state}: an act of its own says that, with its reason; look at `steward account --help`"
        )
    if (level := said.pop("level", None)) is not None:
        left.append(f"{level}: another level has other gates: ask for the account anew")
    if said.pop("administrators", None) is not None:
        left += await _administrators(context, one, people)
    values: dict[str, Any] = {
        _COLUMNS[what]: getattr(one.row, _COLUMNS[what]) for what in said if what in _COLUMNS
    }
    if "school" in said:
        values["school_id"] = schools[one.row.school]
    if values:
        await _write(context, one, values)
        await context.note(
            subject,
            control=context.policy.name_of(Inventory),
            cause="changed by a list",
            body={
                "import": import_id,
                "changed": sorted(said),
                **{f"{what} before": said[what].before for what in ("handle", "address") if what in said},
            },
        )
    return left


async def _write(context: ActContext, one: Known, values: dict[str, Any]) -> None:
    account, connection = one.account, await context.session.connection()
    after = {name: values.get(name, getattr(account, name)) for name in ("handle", "address", "platform_id")}
    platform = context.policy.platform(account.platform)
    values |= vars(keys(platform, **after, channel=account.channel))
    await connection.execute(update(table_of(Account)).where(col(Account.id) == account.id).values(**values))
    if values.get("custody") is CustodyMode.SHARED_PASSWORD:
        await connection.execute(
            update(table_of(Access))
            .where(col(Access.account_id) == account.id, col(Access.state) == AccessState.GRANTED)
            .values(knows_secret_since=context.today)
        )


async def _accesses(session: AsyncSession, account_id: int) -> list[Access]:
    found = await session.exec(
        select(Access).where(col(Access.account_id) == account_id).order_by(col(Access.id))
    )
    return list(found.all())


async def _administrators(context: ActContext, one: Known, people: Mapping[str, int]) -> list[str]:
    """Who is new waits for the gates; who is not in the list keeps the access until an act takes it."""
    left = [
        f"{email} is not in the list: their access stays until somebody takes them off the account"
        for email in sorted(one.account.administrators - set(one.row.administrators))
    ]
    had = {access.person_id for access in await _accesses(context.session, one.account.id)}
    for email in one.row.administrators:
        if email in one.account.administrators:
            continue
        if people[email] in had:
            left.append(f"{email} had access before: name them again by the act for it")
            continue
        await begin(
            context.session,
            SubjectKind.ACCESS,
            state=AccessState.WAITING,
            actor=context.actor,
            control=context.policy.name_of(Inventory),
            cause="named as administrator by a list",
            now=context.now,
            account_id=one.account.id,
            person_id=people[email],
            role=AccessRole.ADMINISTRATOR,
        )
    return left


async def _close(context: ActContext, one: Known) -> None:
    """It has ended on its platform: so do its accesses and all that is asked for it."""
    account, policy = one.account, context.policy
    subject, control = Subject(SubjectKind.ACCOUNT, account.id), policy.name_of(Inventory)
    steps: list[Step] = [
        Move(subject, account.state, account.version, AccountState.CLOSED, control, "closed in the list"),
        Settle(about=subject, kinds=tuple(ItemKind), done=False),
    ]
    told = AccountClosed(control=control, because="decided")
    for access in await _accesses(context.session, account.id):
        if access.state is AccessState.REVOKED:
            continue
        its = Subject(SubjectKind.ACCESS, access.id or 0)
        steps += [
            Move(its, access.state, access.version, AccessState.REVOKED, control, "the account is closed"),
            Settle(about=its, kinds=tuple(ItemKind), done=False),
            Tell(told, access.person_id, f"{subject}/v{account.version}/closed", subject),
            Emit(EventKind.ACCESS_CHANGED, its),
        ]
    await context.apply(Outcome(tuple(steps)))
