"""The division of the trial: people for whom access waits for the course alone, beside everything else."""

from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlmodel import col

from benchmarks.beside.site import address
from benchmarks.division import NOW, TODAY, Maker, ago
from benchmarks.filling import fill
from deployments.sample.words import Guideline
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.gates import Acceptance, GuidelineReceipt
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, PersonKind, Via
from tasks.store import Store
from tasks.store.as_found import seal_as_found
from tasks.store.records import SEALED

Row = dict[str, Any]
_AT_ONCE = 1000


async def make(store: Store, accounts: int, waiting: int, policy: Policy, port: int, hosts: int) -> range:
    """Fill an empty store; the numbers of the people whose access waits for the course.

    Every account's page is on the site at `port`. All of it is sealed into the audit chain as it stands.
    """
    await fill(store, accounts, policy)
    first = Maker(accounts, policy).people + 4
    people = range(first, first + waiting)
    async with store.write(audited=False) as session:
        connection = await session.connection()
        account = table_of(Account)
        live = list(
            (
                await connection.execute(
                    select(account.c.id).where(account.c.state == AccountState.LIVE).order_by(account.c.id)
                )
            ).scalars()
        )
        for model, rows in _waiting(people, live, policy).items():
            for start in range(0, len(rows), _AT_ONCE):
                await connection.execute(insert(table_of(model)), rows[start : start + _AT_ONCE])
        await connection.execute(
            text("SELECT setval(pg_get_serial_sequence('person', 'id'), (SELECT max(id) FROM person))")
        )
        page = col(Account.id)
        for host in range(hosts):
            beginning = address(port, hosts, host).rpartition("/")[0]
            await connection.execute(
                update(account)
                .where(page % hosts == host)
                .values(address=func.concat(f"{beginning}/", page % 200))
            )
        await connection.run_sync(seal_as_found, list(SEALED), NOW)
    await store.count_anew()
    return people


def _waiting(people: range, live: list[int], policy: Policy) -> dict[Any, list[Row]]:
    """Each has read everything and accepted responsibility for one account; the course is what is missing."""
    accepted = policy.text("personal responsibility")
    mine = {person: live[place % len(live)] for place, person in enumerate(people)}
    return {
        Person: [
            {
                "id": person,
                "given_name": f"Given{person}",
                "family_name": f"Sample{person}",
                "email": f"person{person}@example.org",
                "kind": PersonKind.STAFF,
                "position": "teacher",
                "active": True,
            }
            for person in people
        ],
        GuidelineReceipt: [
            {
                "person_id": person,
                "guideline": guideline,
                "guideline_version": policy.text(guideline).version,
                "sent_at": ago(50),
                "acknowledged_at": ago(49),
                "recorded_via": Via.COMMAND,
            }
            for person in people
            for guideline in Guideline
        ],
        Access: [
            {
                "account_id": account,
                "person_id": person,
                "role": AccessRole.ADMINISTRATOR,
                "state": AccessState.WAITING,
                "state_since": ago(20),
                "version": 1,
            }
            for person, account in mine.items()
        ],
        Acceptance: [
            {
                "person_id": person,
                "account_id": account,
                "text": accepted.id,
                "text_version": accepted.version,
                "sent_at": ago(19),
                "accepted_at": ago(18),
                "recorded_via": Via.COMMAND,
            }
            for person, account in mine.items()
        ],
    }


def day() -> date:
    """When all of them completed it."""
    return TODAY
