"""`steward status`: who owes what."""

from datetime import date
from typing import Annotated

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.model import Policy
from schemas.ahead import Ahead
from schemas.words import Mode
from tasks import clock
from tasks.adoption.listing import file_differs
from tasks.items.listing import Owed, list_owed
from tasks.people.preview import COUNTS_AS_LEFT, preview
from tasks.runtime import Runtime
from tasks.store import lookup

_COLUMNS = (
    "item",
    Column("what", wraps=True),
    Column("about", wraps=True),
    Column("clause", drop=2),
    "due",
    "late",
    Column("reminders", drop=3),
    Column("climbed to", wraps=True, drop=4),
)


def status(
    person: Annotated[
        str | None,
        typer.Option("--of", help="Only what this person owes, also in an office: address, number or name."),
    ] = None,
    school: Annotated[
        str | None, typer.Option("--school", help="Only what concerns this school: name or number.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Who owes what: every open action item by whose it is, the longest overdue first; who is missing."""

    async def work(runtime: Runtime) -> tuple[tuple[Owed, ...], list[Ahead], list[str]]:
        today = runtime.policy.calendar.today(clock.now())
        said = [one for one in (_observed(runtime.policy, today), await file_differs(runtime)) if one]
        ahead = await preview(runtime.store, runtime.policy, today=today)
        async with runtime.store.read() as session:
            owed = await list_owed(session, runtime.policy, today, person=person, school=school)
            whose = await lookup.person_id(session, person, must_be_active=False) if person else None
        missing = [one for one in ahead if one.what == COUNTS_AS_LEFT and whose in {None, one.person}]
        return owed, missing if school is None else [], said

    owed, missing, said = run(work)
    if as_json:
        say_json(owed)
    elif not owed:
        where = f" at {school}" if school is not None else ""
        echo(f"{'Nobody owes anything' if person is None else f'{person} owes nothing'}{where}.")
    else:
        _show(owed)
    if as_json:
        return
    for who in missing:
        echo(
            f"{who.whose} is missing from the roster and counts as left after {who.after}. "
            f"`steward person return {who.person}` keeps them."
        )
    for sentence in said:
        echo(sentence)


def _observed(policy: Policy, today: date) -> str:
    """The controls for which nobody is asked, and from when they act; empty where all act."""
    ahead = {one.control: f" (acts from {one.from_on})" for one in policy.set_modes if one.from_on > today}
    names = [one.name + ahead.get(one.name, "") for one in policy.controls if one.mode is Mode.OBSERVE]
    return f"Only observed, so nobody is asked: {', '.join(names)}. `steward control list`." if names else ""


def _whose(one: Owed) -> str:
    """The person, or the office with those who answer for it today."""
    if one.office is None:
        said = "has left" if one.has_left else "no mail reaches them" if one.mail_refused else ""
        return f"{one.names[0]} ({said})" if said else one.names[0]
    office = ", ".join(part for part in (one.office, one.school_name) if part)
    return f"{office} ({', '.join(one.names) or 'nobody holds it today'})"


def _show(owed: tuple[Owed, ...]) -> None:
    """A table for each who owes something, in the order of what is due first, with their counts."""
    by_owner: dict[str, list[Owed]] = {}
    for one in owed:
        by_owner.setdefault(_whose(one), []).append(one)
    for owner, theirs in by_owner.items():
        late = sum(one.days_late > 0 for one in theirs)
        table(
            _COLUMNS,
            [
                (
                    one.item,
                    one.kind,
                    one.about or f"{one.subject_kind} {one.subject}",
                    one.clause,
                    one.due_on,
                    f"{one.days_late} days" if one.days_late else "",
                    one.reminders,
                    one.climbed_to,
                )
                for one in theirs
            ],
            title=f"{owner}: {len(theirs)} open" + (f", {late} late" if late else ""),
        )
        echo()
    late = sum(one.days_late > 0 for one in owed)
    whose = f", with {len(by_owner)} people and offices" if len(by_owner) > 1 else ""
    echo(f"{len(owed)} open, {late} late{whose}.")
