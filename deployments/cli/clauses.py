"""`steward clauses`: each clause of the policy, what in the code serves it, how many accounts hold it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import fill
from typing import Annotated, Any

import typer

from deployments.cli.clauses_on import clauses_on
from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.ledger import ClauseRow, ledger, promise
from policy.model import Law, Policy
from schemas.errors import StoreUnavailable
from schemas.language import days_written
from tasks import clock
from tasks.findings.evaluation import ControlCounts, look
from tasks.runtime import Runtime


@dataclass(frozen=True)
class Ledger:
    """Everything the command shows. `standings` is None where there is no store to look at."""

    policy: Policy
    rows: tuple[ClauseRow, ...]
    standings: dict[str, ControlCounts] | None
    today: date


def clauses(
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            help="As it stood at the end of this day, by its policy: 2026-06-30, or yesterday.",
        ),
    ] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="With --on: print CSV.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="With --on: print a page to print.")] = False,
) -> None:
    """Each clause of the policy: what serves it, what does not yet, how many live accounts hold it today."""
    if on is not None:
        clauses_on(on, "json" if as_json else "csv" if as_csv else "html" if as_html else "")
        return
    if as_csv or as_html:
        raise typer.BadParameter("Say of which day, with --on.")
    shown = run(_gather, needs_store=False)
    if as_json:
        say_json(_as_json(shown))
    else:
        _print(shown)


async def _gather(runtime: Runtime) -> Ledger:
    today = runtime.policy.calendar.today(clock.now())
    return Ledger(runtime.policy, ledger(runtime.policy), await _standings(runtime, today), today)


async def _standings(runtime: Runtime, today: date) -> dict[str, ControlCounts] | None:
    """How today's live accounts stand with each rule; None without a store. Nothing is written."""
    if runtime.store.is_missing:
        return None
    try:
        async with runtime.store.read() as session:
            rules = runtime.policy.rules()
            return {rule.name: await look(session, rule, runtime.policy, today) for rule in rules}
    except StoreUnavailable:
        return None


def _print(shown: Ledger) -> None:
    standings = shown.standings or {}
    table(
        [
            "clause",
            Column("", wraps=True),
            Column("standing", wraps=True, least=8),
            Column("held by", wraps=True),
            Column("missing", wraps=True, drop=1),
            "hold",
        ],
        [
            (
                row.clause.id,
                row.clause.title,
                row.standing,
                ", ".join(control.name for control in row.controls) or row.clause.by_people or "",
                "; ".join(row.missing),
                _hold([standings[one.name] for one in row.clause.controls if one.name in standings]),
            )
            for row in shown.rows
        ],
        title=f"{shown.policy.document.id} {shown.policy.document.title}, {shown.policy.organization.name}",
    )
    counted = {
        word: sum(row.standing == word for row in shown.rows)
        for word in ("served", "served in part", "not served yet", "left to people")
    }
    echo(f"\n{len(shown.rows)} clauses: {', '.join(f'{n} {word}' for word, n in counted.items())}.")
    if shown.standings is None:
        echo("There is no store yet, so no accounts are counted: `steward up` makes one.")
    else:
        echo("hold: live accounts that hold it, of those that it speaks of.")
        echo(f"Counted on {shown.today}.")
    echo("\nLaws that the policy names:")
    for law in shown.policy.laws:
        echo(fill(days_written(_law(law)), 78, initial_indent="  ", subsequent_indent="    "))


def _hold(standings: Sequence[ControlCounts]) -> str:
    """How many of the accounts hold the clause's controls, an account once a control that speaks of it."""
    held = sum(one.held for one in standings)
    return f"{held}/{held + sum(one.violated for one in standings)}" if standings else ""


def _accounts(standing: ControlCounts | None) -> dict[str, int] | None:
    return None if standing is None else {"hold": standing.held, "violate": standing.violated}


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
        "policy": shown.policy.document.id,
        "title": shown.policy.document.title,
        "version": shown.policy.document.version,
        "today": shown.today,
        "clauses": [
            {
                "clause": row.clause.id,
                "title": row.clause.title,
                "asks": row.clause.asks,
                "standing": row.standing,
                "controls": [
                    {
                        "control": one.name,
                        "mode": one.mode,
                        "promise": promise(one),
                        "accounts": _accounts(standings.get(one.name)),
                    }
                    for one in row.controls
                ],
                "by_people": row.clause.by_people,
                "missing": row.missing,
            }
            for row in shown.rows
        ],
        "laws": shown.policy.laws,
    }
