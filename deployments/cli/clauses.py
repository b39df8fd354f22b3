"""`steward clauses`: each clause of the policy, what in the code serves it, how many accounts hold it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, inspect

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.calendar import Calendar
from policy.model import Law, Policy
from policy.rules import RULES
from policy.serving import ClauseRow, import_all, ledger
from schemas.errors import StoreUnavailable
from schemas.tables import Account
from tasks import clock
from tasks.findings.evaluation import Standing, look
from tasks.runtime import Runtime


@dataclass(frozen=True)
class Ledger:
    """Everything the command shows. `standings` is None where there is no store to look at."""

    policy: Policy
    rows: tuple[ClauseRow, ...]
    standings: dict[str, Standing] | None
    today: date


def clauses(as_json: Json = False) -> None:
    """Each clause of AP 151: what serves it, what does not yet, how many live accounts hold it today."""
    # The registrations stand beside the code that serves, flows too: importing all takes seconds.
    import_all("policy", "tasks", "flows")
    shown = run(_gather, needs_store=False)
    if as_json:
        say_json(_as_json(shown))
    else:
        _print(shown)


async def _gather(runtime: Runtime) -> Ledger:
    today = Calendar(runtime.policy).today(clock.now())
    return Ledger(runtime.policy, ledger(runtime.policy), await _standings(runtime, today), today)


async def _standings(runtime: Runtime, today: date) -> dict[str, Standing] | None:
    """How today's live accounts stand with each rule; None without a store. Nothing is written."""
    if runtime.store.is_missing:
        return None
    try:
        async with runtime.store.read() as session:
            connection = await session.connection()
            if not await connection.run_sync(_has_tables):
                return None
            return {
                clause: await look(session, rule, runtime.policy, today) for clause, rule in RULES.items()
            }
    except StoreUnavailable:
        return None


def _has_tables(connection: Connection) -> bool:
    return inspect(connection).has_table(str(Account.__tablename__))


def _print(shown: Ledger) -> None:
    standings = shown.standings or {}
    table(
        [
            "Clause",
            Column("", wraps=True),
            Column("Kind", wraps=True, drop=2),
            Column("Standing", wraps=True),
            Column("Served by", wraps=True, drop=3),
            Column("Hold", drop=1),
            Column("Violate", drop=1),
        ],
        [
            (
                row.clause,
                row.title,
                ", ".join(row.kinds),
                _standing(row),
                "\n".join(f"{how}: {_short(where)}" for how, where in _services(row)),
                standings[row.clause].held if row.clause in standings else "",
                standings[row.clause].violated if row.clause in standings else "",
            )
            for row in shown.rows
        ],
        title=f"{shown.policy.document.id} {shown.policy.document.title}, {shown.policy.division.name}",
    )
    counted = {
        word: sum(row.standing == word for row in shown.rows)
        for word in ("served", "served in part", "not served yet")
    }
    echo(f"\n{len(shown.rows)} clauses: {', '.join(f'{n} {word}' for word, n in counted.items())}.")
    if shown.standings is None:
        echo("There is no store yet, so no accounts are counted: `steward up` makes one.")
    else:
        echo(f"Hold and Violate count the live accounts that a rule speaks of, on {shown.today}.")
    echo("\nLaws that the policy names:")
    for law in shown.policy.laws:
        echo(f"  {_law(law)}")


def _services(row: ClauseRow) -> list[tuple[str, str]]:
    return [(service.how.value, service.where) for service in row.served_by]


def _short(where: str) -> str:
    """The function and the last part of its module: enough to find it; JSON has the whole."""
    return ".".join(where.split(".")[-2:])


def _standing(row: ClauseRow) -> str:
    if row.standing != "served in part":
        return row.standing
    return f"in part; not yet: {', '.join(row.open_kinds)}"


def _law(law: Law) -> str:
    """The old law and what took its place."""
    said = f"{law.name}, named in {', '.join(law.named_in)}"
    if law.replaced_by:
        since = f" since {law.replaced_on}" if law.replaced_on else ""
        said += f"; replaced{since} by the {' and the '.join(law.replaced_by)}"
    return said


def _as_json(shown: Ledger) -> dict[str, Any]:
    standings = shown.standings or {}
    return {
        "document": shown.policy.document,
        "today": shown.today,
        "clauses": [
            {
                "clause": row.clause,
                "title": row.title,
                "asks": shown.policy.clause(row.clause).asks,
                "kinds": row.kinds,
                "standing": row.standing,
                "open_kinds": row.open_kinds,
                "served_by": [{"how": how, "where": where} for how, where in _services(row)],
                "accounts": (
                    {"hold": standings[row.clause].held, "violate": standings[row.clause].violated}
                    if row.clause in standings
                    else None
                ),
            }
            for row in shown.rows
        ],
        "laws": shown.policy.laws,
    }
