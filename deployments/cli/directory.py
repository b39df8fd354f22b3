"""`steward people`, `schools`, `offices`, `absences`, `designations`: who is who in the division."""

from typing import Annotated

import typer

from deployments.cli.listing import listed
from deployments.cli.output import All, Json, Limit, how_many, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.model import Policy
from schemas.words import ALL_SCHOOLS
from tasks import clock
from tasks.people.listing import (
    ListedAbsence,
    ListedDesignation,
    ListedOffice,
    ListedPerson,
    ListedSchool,
    list_absences,
    list_designations,
    list_offices,
    list_people,
    list_schools,
)
from tasks.runtime import Runtime
from tasks.store.page import Page

_AtSchool = Annotated[str | None, typer.Option("--school", help="Only this school: name or number.")]


def people(
    part: Annotated[str | None, typer.Argument(help="A part of the name or the e-mail address.")] = None,
    school: _AtSchool = None,
    left: Annotated[bool, typer.Option("--left", help="Also those who have left.")] = False,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """The people that Steward knows, by family name."""
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> Page[ListedPerson]:
        async with runtime.store.read() as session:
            return await list_people(session, part=part, school=school, who_left=left, at_most=at_most)

    found = run(work)
    listed(
        found,
        (
            "person",
            Column("name", wraps=True),
            "e-mail address",
            Column("position", wraps=True, drop=2),
            Column("school", wraps=True, drop=1),
        ),
        lambda one: (
            one.person,
            _stands(one),
            one.email,
            one.position,
            one.school_name,
        ),
        empty="Nobody fits.",
        as_json=as_json,
    )


def _stands(one: ListedPerson) -> str:
    """The name, and whether they have left or will."""
    if not one.active:
        return f"{one.name} (has left)"
    missing = f" (missing from the roster, counts as left after {one.leaves_on})" if one.leaves_on else ""
    return f"{one.name}{missing}"


def schools(as_json: Json = False) -> None:
    """The schools, with how many people and live accounts each has."""

    async def work(runtime: Runtime) -> tuple[ListedSchool, ...]:
        async with runtime.store.read() as session:
            return await list_schools(session)

    found = run(work)
    if as_json:
        say_json(found)
    elif not found:
        echo("There is no school yet: import a roster.")
    else:
        table(
            ("school", Column("name", wraps=True), "people", "live accounts", "list confirmed"),
            [
                (
                    one.school,
                    one.school_name if one.active else f"{one.school_name} (closed)",
                    one.people,
                    one.live_accounts,
                    f"{one.list_confirmed_at:%Y-%m-%d}" if one.list_confirmed_at else "",
                )
                for one in found
            ],
        )


def offices(
    school: _AtSchool = None,
    person: Annotated[
        str | None, typer.Option("--of", help="Only what this person holds: address, number or name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Who holds which office, from and through which day. Offices that nobody holds come first."""

    async def work(runtime: Runtime) -> tuple[ListedOffice, ...]:
        today = runtime.policy.calendar.today(clock.now())
        known = {one.id: one.at == "school" for one in runtime.policy.offices}
        async with runtime.store.read() as session:
            return await list_offices(session, known, today, school=school, person=person)

    found = run(work)
    if as_json:
        say_json(found)
    elif not found:
        echo("No office fits.")
    else:
        table(
            (
                Column("office", wraps=True),
                Column("school", wraps=True),
                Column("held by", wraps=True),
                "from",
                "until",
                Column("known from", drop=1),
            ),
            [
                (
                    one.office,
                    one.school_name or ALL_SCHOOLS,
                    one.name or "nobody",
                    one.starts_on,
                    one.ends_on,
                    one.source,
                )
                for one in found
            ],
        )


def absences(as_json: Json = False) -> None:
    """Who is away or will be, and who decides meanwhile."""

    async def work(runtime: Runtime) -> tuple[ListedAbsence, ...]:
        today = runtime.policy.calendar.today(clock.now())
        async with runtime.store.read() as session:
            return await list_absences(session, today)

    found = run(work)
    if as_json:
        say_json(found)
    elif not found:
        echo("Nobody is noted as away.")
    else:
        table(
            ("person", Column("name", wraps=True), "from", "until", Column("deputy", wraps=True)),
            [
                (one.person, one.name, one.starts_on, one.ends_on, one.deputy_name or "nobody")
                for one in found
            ],
        )


def designations(as_json: Json = False) -> None:
    """Who is designated to administer accounts of all schools."""

    async def work(runtime: Runtime) -> tuple[tuple[ListedDesignation, ...], Policy]:
        today = runtime.policy.calendar.today(clock.now())
        async with runtime.store.read() as session:
            return await list_designations(session, today), runtime.policy

    found, policy = run(work)
    if as_json:
        say_json(found)
    elif not found:
        echo("Nobody is designated.")
    else:
        table(
            (
                "person",
                Column("name", wraps=True),
                Column("for", wraps=True),
                "from",
                "until",
                Column("designated by", wraps=True, drop=1),
            ),
            [
                (
                    one.person,
                    one.name,
                    policy.says_account(one.platform or "", one.handle) if one.handle else "all channels",
                    one.starts_on,
                    one.ends_on,
                    one.designated_by_name,
                )
                for one in found
            ],
        )
