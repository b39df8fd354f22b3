"""Taking over what a list says otherwise than the store, for accounts that we have: by the acts for it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from policy.controls.inventory import Inventory
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.outcome import Subject
from schemas.people import School
from schemas.states import AccessState, AccountState
from schemas.words import CustodyMode, SubjectKind
from tasks.accounts.administrators import name
from tasks.accounts.changing import carry_out
from tasks.accounts.closing import announce_closing
from tasks.accounts.renaming import move_to, rename
from tasks.acts.context import ActContext
from tasks.inventory.matching import Known
from tasks.store import lookup

_NAMES = {"handle": "handle", "address": "address", "platform id": "platform_id"}
#: What of a row becomes a column of the account as it stands, and nobody loses anything by it.
_COLUMNS = {
    "custody": "custody",
    "vault reference": "vault_reference",
    "purpose": "purpose",
    "custodian is administrator": "custodian_is_administrator",
}


async def take_changes(
    context: ActContext, one: Known, people: Mapping[str, int], schools: Mapping[str, int], import_id: int
) -> list[str]:
    """Take over what the row says otherwise; what can't be taken from a list, a sentence each."""
    account = await lookup.by_id(context.session, Account, one.account.id)
    reason = f"The list of accounts says so (import {import_id})."
    said = {change.what: change for change in one.changes}
    left: list[str] = []
    if (state := said.get("state")) is not None:
        if one.row.state is AccountState.CLOSED:
            day = await announce_closing(context, account, reason)
            return [
                f"closed after {day}, and its people are told: `steward account keep {account.id}` undoes it"
            ]
        left.append(f"{state}: not from a list; `steward account why {account.id}` says what brings it there")
    if "level" in said:
        left.append(f"{said['level']}: another level has other gates, so ask for the account anew")
    if "administrators" in said:
        left += await _administrators(context, account, one, people)
    after = {column: getattr(one.row, column) for what, column in _NAMES.items() if what in said}
    await rename(context, account, after, reason)
    if "school" in said:
        school = await lookup.by_id(context.session, School, schools[one.row.school])
        await carry_out(context, account, await move_to(context, account, school, reason))
    values = {column: getattr(one.row, column) for what, column in _COLUMNS.items() if what in said}
    await _write(context, account, values, import_id)
    return left


async def _administrators(
    context: ActContext, account: Account, one: Known, people: Mapping[str, int]
) -> list[str]:
    """Who is new waits for the gates; who is not in the list keeps the access until an act takes it."""
    new = [people[email] for email in one.row.administrators if email not in one.account.administrators]
    await name(context, account, new)
    return [
        f"{email} is not in the list: `steward account remove-administrator {account.id}` takes them off"
        for email in sorted(one.account.administrators - set(one.row.administrators))
    ]


async def _write(context: ActContext, account: Account, values: Mapping[str, Any], import_id: int) -> None:
    if not values:
        return
    await context.session.run(update(table_of(Account)).where(col(Account.id) == account.id).values(**values))
    if values.get("custody") is CustodyMode.SHARED_PASSWORD:
        granted = col(Access.account_id) == account.id, col(Access.state) == AccessState.GRANTED
        await context.session.run(
            update(table_of(Access)).where(*granted).values(knows_secret_since=context.today)
        )
    await context.note(
        Subject(SubjectKind.ACCOUNT, account.id or 0),
        control=context.policy.name_of(Inventory),
        cause="changed by a list",
        body={"import": import_id, "changed": sorted(values)},
    )
