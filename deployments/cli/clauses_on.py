"""`steward clauses --on DAY`: how accounts and people stood with each clause on a day that is over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html import escape

from deployments.cli.days import day
from deployments.cli.output import say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo, echo_data
from policy.ledger import ledger
from policy.model import Policy
from schemas.language import on_day
from tasks import clock
from tasks.files.export import to_csv
from tasks.findings.history import Stood, policy_of, stood
from tasks.runtime import Runtime

HEADERS = (
    "clause",
    "title",
    "control",
    "mode",
    "accounts",
    "hold",
    "do not",
    "excepted",
    "people",
    "people who do not",
    "people excepted",
)


@dataclass(frozen=True)
class ClauseThen:
    """One control of one clause on that day. The counts are None where the control counts no such thing."""

    clause: str
    title: str
    control: str
    mode: str
    accounts: int | None
    hold: int | None
    violate: int | None
    excepted: int | None
    people: int | None
    people_violate: int | None
    people_excepted: int | None


def rows(policy: Policy, counts: dict[str, Stood]) -> tuple[ClauseThen, ...]:
    """A row for each control of each clause, in the policy's order; one without counts for other clauses."""
    return tuple(
        ClauseThen(row.clause.id, row.clause.title, name, mode, *_counts(counts.get(name)))
        for row in ledger(policy)
        for name, mode in [(one.name, str(one.mode)) for one in row.controls] or [("", "")]
    )


def _counts(one: Stood | None) -> tuple[int | None, ...]:
    if one is None:
        return (None,) * 7
    return (
        one.accounts,
        one.held,
        one.violated,
        one.excepted,
        one.people,
        one.people_violating,
        one.people_excepted,
    )


def clauses_on(on: str, form: str) -> None:
    """Print the clauses as they stood on a day: as a table, "json", "csv" or "html"."""

    async def work(runtime: Runtime) -> tuple[Policy, tuple[ClauseThen, ...], date]:
        today = runtime.policy.calendar.today(clock.now())
        of = day(on, "--on", today)
        async with runtime.store.read() as session:
            policy = await policy_of(session, runtime.policy, of, today)
            return policy, rows(policy, await stood(session, policy, of, today)), of

    policy, found, of = run(work)
    document = policy.document
    if form == "json":
        then = {"policy": document.id, "title": document.title, "version": document.version, "on": of}
        say_json(then | {"clauses": found})
    elif form == "csv":
        echo_data(to_csv(HEADERS, _cells(found)).rstrip("\r\n"))
    elif form == "html":
        echo_data(as_html(policy, found, of))
    else:
        _print(policy, found, of)


def _cells(found: Iterable[ClauseThen]) -> list[tuple[str | int | None, ...]]:
    return [
        (
            *(one.clause, one.title, one.control, one.mode),
            *(one.accounts, one.hold, one.violate, one.excepted),
            *(one.people, one.people_violate, one.people_excepted),
        )
        for one in found
    ]


def _of(part: int | None, whole: int | None) -> str:
    return "" if part is None else str(part) if whole is None else f"{part}/{whole}"


def _print(policy: Policy, found: tuple[ClauseThen, ...], day: date) -> None:
    document = policy.document
    table(
        ("clause", Column("", wraps=True), "held by", "hold", "excepted", "people", Column("leave", drop=1)),
        [
            (
                one.clause,
                one.title,
                one.control,
                _of(one.hold, one.accounts),
                "" if one.excepted is None else one.excepted,
                "" if one.people is None else f"{one.people - (one.people_violate or 0)}/{one.people}",
                "" if one.people_excepted is None else one.people_excepted,
            )
            for one in found
        ],
        title=f"{document.id} {document.title}, version {document.version}, on {on_day(day)}",
    )
    echo(
        "\nhold: accounts that held it, of the live ones that it spoke of. excepted: no\n"
        "finding could suspend them. people: with access to these, without those whom it\n"
        "was found about. leave: people who had it. As the last night before the end of\n"
        "that day had found it."
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 10pt/1.4 sans-serif; margin: 2em auto; max-width: 60em; }}
table {{ border-collapse: collapse; width: 100%; }} thead {{ display: table-header-group; }}
th, td {{ border: 1px solid #888; padding: .25em .5em; text-align: left; vertical-align: top; }}
td.n {{ text-align: right; }} td.bad {{ font-weight: bold; }} tr {{ break-inside: avoid; }}
@page {{ size: A4 landscape; margin: 1.5cm; }} @media print {{ body {{ margin: 0; max-width: none; }} }}
</style></head><body><h1>{title}</h1>
<p>{organization}, policy version {version}. As it stood at the end of {day}.</p>
<table><thead><tr>{head}</tr></thead><tbody>
{body}
</tbody></table>
<p>Accounts: the live ones that the control spoke of. Excepted: accounts that no finding could suspend, and
people who had leave. People: who had access to these accounts. Counted as the last night before the end of
that day had found it.</p></body></html>"""


def as_html(policy: Policy, found: Iterable[ClauseThen], day: date) -> str:
    """A page that prints as it is, by itself: it loads nothing."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in HEADERS)
    body = "\n".join(f"<tr>{''.join(_cell(*one) for one in enumerate(row))}</tr>" for row in _cells(found))
    return _PAGE.format(
        title=escape(f"{policy.document.id} {policy.document.title}, clause by clause"),
        organization=escape(policy.organization.name),
        version=escape(policy.document.version),
        day=on_day(day),
        head=head,
        body=body,
    )


def _cell(column: int, value: str | int | None) -> str:
    if not isinstance(value, int):
        return f"<td>{escape(value or '')}</td>"
    bad = " bad" if value and HEADERS[column] in {"do not", "people who do not"} else ""
    return f'<td class="n{bad}">{value}</td>'
