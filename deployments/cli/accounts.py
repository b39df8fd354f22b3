"""`steward account list`, `show`, `timeline`: what is there and how it came to be."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from deployments.cli.listing import listed
from deployments.cli.output import All, Json, Limit, how_many, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.model import Policy
from schemas.states import AccountState
from schemas.words import ALL_SCHOOLS, Changed
from tasks.accounts.listing import Entry, Listed, Shown, Wanted, list_accounts, show_account, timeline
from tasks.runtime import Runtime
from tasks.store.page import Page

Which = Annotated[str, typer.Argument(help="The account's number, or its @handle.")]


def account_list(
    state: Annotated[AccountState | None, typer.Option(help="Only those in this state.")] = None,
    level: Annotated[str | None, typer.Option(help="Only those of this level.")] = None,
    platform: Annotated[str | None, typer.Option(help="Only those on this platform.")] = None,
    school: Annotated[str | None, typer.Option(help="Only those of this school: name or number.")] = None,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """Every account that somebody approved."""
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> Page[Listed]:
        async with runtime.store.read() as session:
            return await list_accounts(session, Wanted(state, level, platform, school), at_most)

    found = run(work)
    listed(
        found,
        (
            "account",
            "handle",
            "platform",
            Column("level", drop=2),
            Column("school", wraps=True),
            "state",
            Column("address", drop=1),
        ),
        lambda one: (
            *(one.account, one.handle, one.platform, one.level, one.school_name or ALL_SCHOOLS),
            *(one.state, one.address),
        ),
        empty="No accounts.",
        as_json=as_json,
    )


def account_show(which: Which, as_json: Json = False) -> None:
    """One account: what it is, who may use it, what is found about it."""

    async def work(runtime: Runtime) -> tuple[Shown, Policy]:
        async with runtime.store.read() as session:
            return await show_account(session, runtime.policy, which), runtime.policy

    shown, policy = run(work)
    if as_json:
        say_json(shown)
    else:
        echo("\n".join(_lines(shown, policy)))


def _lines(one: Shown, policy: Policy) -> list[str]:
    zone = policy.zone
    return [
        f"Account {one.account}: {one.handle} on {one.platform}, a {one.level} {one.channel}",
        f"of: {one.school_name or ALL_SCHOOLS}",
        f"state: {one.state}, since {local(one.state_since, zone)}",
        *_suspension(one, zone),
        f"purpose: {one.purpose}",
        f"address: {one.address or 'not reported yet'}",
        *_page(one, zone),
        f"custody: {one.custody}"
        + (f", vault reference {one.vault_reference}" if one.vault_reference else "")
        + (
            f", password last changed {local(one.password_changed_at, zone)}"
            if one.password_changed_at
            else ""
        ),
        *(
            f"  {who.name} ({who.position}): access {who.state} since {local(who.state_since, zone)}"
            + (f", for {policy.why(who.suspended_for)}" if who.suspended_for else "")
            + (f", ends after {who.ends_on}" if who.ends_on else "")
            for who in one.accesses
        ),
        *([f"closed after {one.closes_on}"] if one.closes_on else []),
        *(
            [f"no finding suspends it through {one.never_suspended_until}"]
            if one.never_suspended_until
            else []
        ),
        *(
            f"{change.what} until {local(change.changed_at, zone)}: {change.before}"
            for change in one.changes
            if change.what in {Changed.HANDLE, Changed.ADDRESS, Changed.PLATFORM_ID}
        ),
        *(f"finding {found.clause}: {found.detail}, due {found.due_on}" for found in one.findings),
    ]


def _page(one: Shown, zone: ZoneInfo) -> list[str]:
    """What stands of its page, since when, and by whose word."""
    if (seen := one.page) is None:
        return []
    said = f", {seen.how}" if seen.how else f": {seen.evidence}"
    return [f"page: {seen.verdict}, {local(seen.looked_at, zone)}{said}"]


def _suspension(one: Shown, zone: ZoneInfo) -> list[str]:
    """Why it is suspended, by whom, since when, and the way back."""
    if (stands := one.suspension) is None:
        return []
    clause = f" (clause {stands.clause})" if stands.clause else ""
    since = f"suspended since {local(stands.since, zone)}" + (f" by {stands.by}" if stands.by else "")
    return [f"{since}: {stands.why}{clause}", f"the way back: {stands.way_back}"]


def account_timeline(which: Which, as_json: Json = False) -> None:
    """Everything the audit chain says of an account and the accesses to it, in order."""

    async def work(runtime: Runtime) -> tuple[tuple[Entry, ...], ZoneInfo]:
        async with runtime.store.read() as session:
            return await timeline(session, runtime.policy, which), runtime.policy.zone

    entries, zone = run(work)
    if as_json:
        say_json(entries)
        return
    table(
        (
            Column("entry", drop=2),
            "when",
            "about",
            Column("became", drop=1),
            Column("clause", drop=3),
            Column("because", wraps=True),
            Column("by", wraps=True),
            Column("through", drop=4),
        ),
        [
            (
                *(one.entry, local(one.at, zone), f"{one.subject_kind} {one.subject}", one.to_state),
                *(one.clause, one.cause, one.actor_name or "Steward", one.via),
            )
            for one in entries
        ],
    )
