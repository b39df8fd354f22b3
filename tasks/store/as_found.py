"""Sealing what stands: the first digests of a store that was there before, and new ones after a migration."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from schemas.columns import table_of
from schemas.machinery import AuditEntry
from schemas.words import SubjectKind, Via
from tasks.store.audit import EMPTY, content_of, seal
from tasks.store.records import SEALED, digest_or_damaged, id_of, raw_rows

#: The cause of such an entry: nobody vouches for what the rows were before it.
AS_FOUND = "as found at the upgrade"

#: Records of one entry.
AT_ONCE = 2000


def seal_as_found(connection: Connection, tables: Iterable[str], now: datetime) -> int:
    """Seal every row of these tables as it stands; how many. In the transaction of the migration.

    `now` is the moment of the upgrade; where the chain has a later one, that.
    """
    entry = table_of(AuditEntry)
    last = connection.execute(select(entry.c.seq, entry.c.hash).order_by(entry.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (EMPTY.seq, EMPTY.hash)
    at = max(now, connection.scalar(select(func.max(entry.c.at))) or now)
    count = 0
    for name in sorted(tables):
        table = SEALED[name]
        rows = connection.execute(raw_rows(table).order_by(table.c.id)).all()
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            seq += 1
            row: dict[str, Any] = {
                "seq": seq,
                "at": at,
                "actor_id": None,
                "via": Via.STEWARD.value,
                "subject_kind": SubjectKind.RULE.value,
                "subject_id": 0,
                "version": None,
                "from_state": None,
                "to_state": None,
                "control": "",
                "cause": AS_FOUND,
                "body": {},
                "records": {name: [[id_of(one), None, digest_or_damaged(table, one)] for one in some]},
            }
            row["hash"] = seal(previous, content_of(row))
            connection.execute(insert(entry).values(**row, previous=previous))
            previous, count = row["hash"], count + len(some)
    return count
