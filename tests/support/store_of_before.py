"""A store at revision 0009, where findings, items and entries carried clause numbers."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, insert

from tasks.store import audit

WHEN = datetime(2026, 10, 1, 12, tzinfo=UTC)
DAY = date(2026, 11, 1)


def account(number: int, level: str, custody: str) -> dict[str, Any]:
    return {
        "id": number,
        "level": level,
        "channel": "website",
        "platform": "website or blog",
        "handle": f"h{number}",
        "handle_key": f"h{number}",
        "purpose": "",
        "school_id": 1,
        "custody": custody,
        "custodian_is_administrator": False,
        "state": "live",
        "state_since": WHEN,
        "version": 1,
    }


def access(account_id: int, clause: str) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "person_id": 1,
        "role": "administrator",
        "suspended_for": clause,
        "state": "suspended",
        "state_since": WHEN,
        "version": 1,
    }


def finding(number: int, rule: str, account_id: int) -> dict[str, Any]:
    row = {"id": number, "rule": rule, "account_id": account_id, "person_id": 0, "detail": ""}
    return {**row, "due_on": DAY, "opened_at": WHEN}


def item(number: int, kind: str, clause: str, about: str, subject: int) -> dict[str, Any]:
    return {
        "id": number,
        "key": f"k{number}",
        "kind": kind,
        "clause": clause,
        "person_id": 1,
        "subject_kind": about,
        "subject_id": subject,
        "opened_at": WHEN,
        "due_on": DAY,
        "reminders": 0,
        "state": "open",
    }


ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("school", {"id": 1, "source_id": "1", "name": "Lake", "is_division": False, "active": True}),
    (
        "person",
        {
            "id": 1,
            "given_name": "Ann",
            "family_name": "Lee",
            "email": "a@example.org",
            "kind": "staff",
            "position": "Teacher",
            "active": True,
        },
    ),
    ("account", account(1, "school", "shared password")),
    ("account", account(2, "classroom", "single sign-on")),
    ("access", access(1, "5.3")),
    ("access", access(2, "5.2")),
    ("finding", finding(1, "5.2", 1)),
    ("finding", finding(2, "5.2", 2)),
    ("finding", finding(3, "11", 1)),
    ("finding", finding(4, "11", 2)),
    ("finding", finding(5, "8", 1)),
    ("action_item", item(1, "mend a finding", "5.2", "finding", 2)),
    ("action_item", item(2, "review the administrator list", "11", "account", 2)),
    ("action_item", item(3, "change the password", "11", "account", 1)),
    ("action_item", item(4, "decide the request", "5", "request", 1)),
    (
        "suspension",
        {
            "account_id": 1,
            "clause": "10",
            "reason": "why",
            "suspended_at": WHEN,
            "recorded_via": "command line",
        },
    ),
    (
        "notice",
        {
            "key": "n",
            "kind": "sweep_summary",
            "urgency": "low",
            "person_id": 1,
            "subject_kind": "rule",
            "subject_id": 0,
            "created_at": WHEN,
            "not_before": WHEN,
            "state": "sent",
            "attempts": 1,
            "uncertain": False,
            "facts": {
                "clauses": [{"clause": "8", "violated": 1, "new": 1, "mended": 0}],
                "ever": {"8": {"opened": 1, "mended": 0}},
            },
        },
    ),
)


def fill(connection: Connection) -> str:
    """One of each row that named a clause, and two audit entries as the code before sealed them; the head."""
    metadata = MetaData()
    for table, row in ROWS:
        connection.execute(insert(Table(table, metadata, autoload_with=connection)).values(**row))
    entry, previous = Table("audit_entry", metadata, autoload_with=connection), audit.GENESIS
    for seq, (clause, cause) in enumerate((("5.4", "roster imported"), ("11", "administrators reviewed")), 1):
        content: dict[str, Any] = {
            "seq": seq,
            "at": WHEN,
            "actor_id": None,
            "via": "Steward",
            "subject_kind": "school",
            "subject_id": 1,
            "version": None,
            "from_state": None,
            "to_state": None,
            "clause": clause,
            "cause": cause,
            "body": {"n": 1},
        }
        sealed = audit.seal(previous, {**content, "at": WHEN.isoformat(timespec="microseconds")})
        connection.execute(insert(entry).values(**content, previous=previous, hash=sealed))
        previous = sealed
    return previous


def fill_twins(connection: Connection) -> None:
    """One account three times: twice in use, once closed."""
    table = Table("account", MetaData(), autoload_with=connection)
    like = {
        **account(1, "division", "shared password"),
        "school_id": None,
        "platform": "X",
        "channel": "social media account",
    }
    for number, (handle, address, state) in enumerate(
        (
            ("@Lakeside", "https://x.com/Lakeside", "live"),
            ("@lakeside\u200b", "https://mobile.twitter.com/lakeside", "live"),
            ("lakeside", "http://www.x.com/Lakeside/", "closed"),
        ),
        start=1,
    ):
        its = {"id": number, "handle": handle, "handle_key": handle.lstrip("@").lower(), "address": address}
        connection.execute(insert(table).values(**like | its | {"state": state, "platform_id": " 17 "}))
