"""Taking a person's names and addresses out of whatever the tables hold of them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, String, Table, cast, delete, or_, select, update
from sqlmodel import col
from sqlmodel.sql.sqltypes import AutoString

from schemas.accounts import AccountChange
from schemas.columns import table_of
from schemas.contacts import ContactReport
from schemas.gates import Completion, UnmatchedRow
from schemas.incidents import Incident
from schemas.leave import Leave
from schemas.people import AlsoKnown, Person, SamePerson
from schemas.tables import metadata
from schemas.words import Changed
from tasks.store.session import Session

#: Whoever was forgotten is called so wherever a name is shown.
GIVEN, FAMILY = "A person", "who was forgotten"

#: Left as they are: entries of the chain, which hold no names, and the texts of policies.
_AS_THEY_ARE = frozenset({"audit_entry", "policy_adoption"})
#: An account's own name and place belong to the account, and others find it by them.
_OF_ACCOUNTS = frozenset(
    {"handle", "handle_key", "page_key", "platform_key", "address", "platform_id", "key"}
)


@dataclass(frozen=True)
class Traces:
    """What is looked for, and what stands in its place. `names` only where nobody else has them."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]
    address_now: str

    def clean(self, value: str) -> str:
        """The text without them, in whatever letter case they stand."""
        for one in self.addresses:
            value = re.sub(
                rf"(?<![\w.+-]){re.escape(one)}(?![\w-])", self.address_now, value, flags=re.IGNORECASE
            )
        for one in self.names:
            value = re.sub(
                rf"(?<!\w){re.escape(one)}(?!\w)", f"{GIVEN.lower()} {FAMILY}", value, flags=re.IGNORECASE
            )
        return value

    def clean_json(self, value: Any) -> Any:
        """The same of every text within."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, Mapping):
            return {self.clean(key): self.clean_json(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.clean_json(one) for one in value]
        return value

    @property
    def written(self) -> tuple[str, ...]:
        """As they may stand in a column: JSON writes letters that are not ASCII by their numbers."""
        plain = (*self.addresses, *self.names)
        cased = [form for one in plain for form in (one, one.lower(), one.upper())]  # SQLite knows ASCII only
        return tuple(dict.fromkeys((*cased, *(json.dumps(one)[1:-1] for one in cased))))


async def scrub(session: Session, traces: Traces) -> int:
    """Take the traces out of every text of every table; how many rows changed."""
    changed = 0
    for table in metadata.sorted_tables:
        if table.name in _AS_THEY_ARE or table is table_of(Person):
            continue
        columns = [one for one in table.c if _may_hold_text(table, one.name)]
        if columns:
            changed += await _scrub_table(session, table, [one.name for one in columns], traces)
    return changed


def _may_hold_text(table: Table, name: str) -> bool:
    """Whether somebody's words may stand in the column: no closed list, no key."""
    column = table.c[name]
    if table.name in {"account", "account_change"} and name in _OF_ACCOUNTS:
        return False
    return isinstance(column.type, (AutoString, String, JSON)) and not column.foreign_keys


async def _scrub_table(session: Session, table: Table, names: Sequence[str], traces: Traces) -> int:
    keys = list(table.primary_key.columns)
    holds: list[ColumnElement[bool]] = [
        cast(table.c[name], String).icontains(one, autoescape=True)
        for name in names
        for one in traces.written
    ]
    rows = await session.rows(select(*keys, *(table.c[name] for name in names)).where(or_(*holds)))
    changed = 0
    for row in rows:
        before = {name: row._mapping[name] for name in names}  # noqa: SLF001 - SQLAlchemy's public name for it
        after = {name: traces.clean_json(value) for name, value in before.items()}
        values = {name: value for name, value in after.items() if value != before[name]}
        if values:
            which = [key == row._mapping[key.name] for key in keys]  # noqa: SLF001
            await session.run(update(table).where(*which).values(**values))
            changed += 1
    return changed


async def drop_texts(session: Session, person_id: int, addresses: Iterable[str]) -> None:
    """Delete what came in with files of the person, and empty the free texts that are about them."""
    its = tuple(addresses)
    for statement in (
        delete(UnmatchedRow).where(
            or_(col(UnmatchedRow.settled_person_id) == person_id, col(UnmatchedRow.email).in_(its))
        ),
        delete(SamePerson).where(or_(col(SamePerson.person_id) == person_id, col(SamePerson.email).in_(its))),
        delete(ContactReport).where(col(ContactReport.person_id) == person_id),
        delete(AlsoKnown).where(col(AlsoKnown.person_id) == person_id),
        update(Completion)
        .where(col(Completion.person_id) == person_id, col(Completion.void_reason).is_not(None))
        .values(void_reason=""),
        update(Incident)
        .where(col(Incident.person_id) == person_id)
        .values(tells="", answer="", appeal="", decided_because="", appeal_because="", outside=""),
        update(Leave)
        .where(col(Leave.person_id) == person_id)
        .values(purpose="", circumstances="", decided_because="", ended_because=""),
        update(AccountChange)
        .where(
            col(AccountChange.what).in_((Changed.ADMINISTRATOR, Changed.LAST_DAY)),
            col(AccountChange.before) == str(person_id),
        )
        .values(reason=""),
    ):
        await session.run(statement)
