"""Lists of accounts that exist already, with people who are plainly made up."""

import csv
import io
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import SQLModel

from deployments.sample.words import RoleKind
from policy.model import Policy
from schemas.columns import table_of
from schemas.gates import Completion
from schemas.people import Person, Role, School
from schemas.words import PersonKind, Via
from tasks.inventory.import_accounts import AccountsImport, AccountsImportForm, import_accounts
from tasks.store import Store

HEADERS = (
    "Level",
    "Platform",
    "Handle",
    "School",
    "Custody",
    "Vault reference",
    "Custodian is administrator",
    "Administrators",
    "State",
    "Live since",
    "Privacy attested on",
    "Address",
    "Platform id",
    "Privacy checklist",
    "Responsibility accepted on",
    "Guidelines acknowledged on",
    "Notice seen on",
    "Profile seen on",
    "Credentials changed on",
    "Administrators reviewed on",
    "Purpose",
)
LIVE = {
    "Level": "school",
    "Platform": "instagram",
    "Handle": "@Lakeside",
    "School": "lakeside school",
    "Custody": "Shared password",
    "Vault reference": "vault/lakeside",
    "Custodian is administrator": "no",
    "Administrators": "person1@example.org; PERSON2@example.org",
    "State": "live",
    "Live since": "2022-05-01",
    "Privacy attested on": "",
}


def listed(*accounts: dict[str, str]) -> bytes:
    """A list of accounts; each row is a live one but for what is given."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADERS, lineterminator="\r\n")
    writer.writeheader()
    for number, changes in enumerate(accounts):
        its = {"Handle": f"@account{number}", "Address": f"https://pages.example.org/account{number}"}
        row = {**LIVE, **its, **changes}
        writer.writerow(row)
    return text.getvalue().encode("utf-8-sig")


async def some_people(store: Store, now: datetime, completed: tuple[int, ...] = ()) -> None:
    """A school and four people; those given have completed the course."""
    async with store.write() as session:
        await session.run(insert(table_of(School)).values(source_id="s1", name="Lakeside School"))
        await session.run(
            insert(table_of(Person)),
            [
                {
                    "given_name": "Given",
                    "family_name": f"Sample{number}",
                    "email": f"person{number}@example.org",
                    "kind": PersonKind.STAFF,
                    "active": number != 4,
                }
                for number in range(1, 5)
            ],
        )
        operators = [
            {
                "person_id": number,
                "kind": RoleKind.IT_OPERATOR,
                "starts_on": date(2020, 1, 1),
                "source": "test",
            }
            for number in (1, 2, 3)
        ]
        await session.run(insert(table_of(Role)), operators)
        for person in completed:
            await session.run(
                insert(table_of(Completion)).values(
                    person_id=person,
                    course="focus-on-privacy",
                    completed_on=date(2026, 9, 1),
                    recorded_via=Via.COMMAND,
                    recorded_at=now,
                )
            )


async def rows(store: Store, model: type[SQLModel], *conditions: Any) -> list[Any]:
    table = table_of(model)
    async with store.read() as session:
        found = select(table).where(*conditions).order_by(next(iter(table.columns)))
        return list(await session.rows(found))


VOUCHES = "person3@example.org"


async def take_in(store: Store, policy: Policy, now: datetime, content: bytes, **more: Any) -> AccountsImport:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "accounts.csv"
        file.write_bytes(content)
        form = AccountsImportForm.model_validate({"actor": VOUCHES, "file": file, **more})
        return await import_accounts(store, policy, form, via=Via.COMMAND, now=now)
