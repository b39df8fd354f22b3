"""`steward audit`: who did what, whether the audit chain is whole, and the head to keep outside."""

import time
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from deployments.cli.days import day
from deployments.cli.output import All, Json, Limit, how_many, local, more, plain, say, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo, echo_data
from schemas.errors import BadInput
from tasks import clock
from tasks.files import heads as left_heads
from tasks.files.export import to_csv
from tasks.files.own_key import own_key
from tasks.runtime import Runtime
from tasks.store import audit, left, lookup, verifying
from tasks.store.entries import Asked, Listed, list_entries
from tasks.store.page import Page

_HASH_DIGITS = 64


def _hash(text: str) -> str:
    """A head's hash as it is stored. Raises BadInput."""
    given = text.strip().lower()
    if len(given) != _HASH_DIGITS or not set(given) <= set("0123456789abcdef"):
        raise BadInput(
            f"--head wants the {_HASH_DIGITS} hexadecimal digits that `steward audit head` printed, "
            f"and these are {len(given)} characters: copy it again."
        )
    return given


def audit_list(
    person: Annotated[
        str | None, typer.Option(help="Done by this person, in their name, or about them.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Only of this account: number or @handle.")] = None,
    act: Annotated[str | None, typer.Option(help="Only where this is a part of what was done.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="On this day or later.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="On this day or earlier.")] = None,
    through: Annotated[
        str | None, typer.Option(help="Through this door (a part of its name), or typed by this user.")
    ] = None,
    in_name_of: Annotated[
        str | None, typer.Option(help="Only what a deputy did in this person's name.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, all of it unless limited.")] = False,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """Who did what, when, from where and in whose name, the newest first."""
    at_most = how_many(limit, everything=everything, as_json=as_json or as_csv)

    async def work(runtime: Runtime) -> tuple[Page[Listed], ZoneInfo]:
        zone, today = runtime.policy.zone, runtime.policy.calendar.today(clock.now())
        began = day(since, "--from", today) if since else None
        ended = day(until, "--to", today) if until else None
        async with runtime.store.read() as session:

            async def number(of: str | None) -> int | None:
                return await lookup.person_id(session, of, must_be_active=False) if of else None

            asked = Asked(
                person=await number(person),
                account=(await lookup.account(session, account)).id if account else None,
                act=act,
                since=_begin(began, zone) if began else None,
                until=_begin(ended + timedelta(days=1), zone) if ended else None,
                via=through,
                in_name_of=await number(in_name_of),
            )
            return await list_entries(session, asked, at_most), zone

    found, zone = run(work)
    if as_json:
        say_json(found.rows)
    elif as_csv:
        echo_data(_csv(found.rows))
    elif not found.rows:
        echo("No entries.")
    else:
        _show(found, zone)


def _begin(of: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(of, time_of_day(), zone)


def _csv(rows: tuple[Listed, ...]) -> str:
    """A line an entry."""
    names = [one.name for one in fields(Listed)]
    cells = (list(plain(asdict(row)).values()) for row in rows)
    return to_csv(names, cells).rstrip("\r\n")


def _show(found: Page[Listed], zone: ZoneInfo) -> None:
    table(
        (
            Column("entry", drop=2),
            "when",
            Column("by", wraps=True, least=12),
            Column("in the name of", wraps=True, least=10, drop=1),
            Column("did", wraps=True, least=12),
            "about",
            Column("became", drop=3),
            Column("through", wraps=True, least=10, drop=4),
        ),
        [
            (
                *(one.entry, local(one.at, zone), one.by, one.in_name_of, one.cause),
                *(f"{one.subject_kind} {one.subject}", one.to_state),
                _through(one),
            )
            for one in found.rows
        ],
    )
    more(len(found.rows), found.in_all)


def _through(one: Listed) -> str:
    """The door, who typed, on which machine, and whose user that is where it is another person."""
    user = f"{one.user}@{one.host}" if one.user and one.host else one.user
    by = f"person {one.recorded_by_id}" if one.recorded_by_id is not None else None
    return ", ".join(part for part in (one.via, user, by) if part)


def verify(
    head: Annotated[
        str | None,
        typer.Option(help="The hash of a head that you kept outside: finds a cut-off end and an old copy."),
    ] = None,
    heads: Annotated[
        Path | None,
        typer.Option(help="A file of signed heads; default: the one of STEWARD_HEADS_FILE, where it is set."),
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="The public key that you kept; default: this installation's own.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Recompute every entry of the audit chain; exit code 1 and the first bad entry when it is broken."""
    kept = [] if head is None else [_hash(head)]
    began = time.perf_counter()

    async def work(runtime: Runtime) -> verifying.Verified:
        file = runtime.settings.heads_file if heads is None else heads
        if key is not None and file is None:
            raise BadInput("--key is for --heads: say which file of signed heads to verify against.")
        if file is not None and (heads is not None or file.exists()):
            public = (
                own_key(runtime.settings.shared_dir).public_key()
                if key is None
                else left_heads.public_key(key)
            )
            kept.extend(one.hash for one in left_heads.read(file, public))
        async with runtime.store.read() as session:
            kept.extend(one.hash for one in await left.every(session))
        return await verifying.examine(runtime.store, kept=kept)

    verified = run(work)
    found = verified.head
    seconds = round(time.perf_counter() - began, 2)
    with_head = (
        "the head you kept is in it"
        if len(kept) == 1
        else f"the {len(kept)} heads you kept are in it"
        if kept
        else "without a head kept outside, a cut-off end can't show"
    )
    told = {"entries": found.seq, "hash": found.hash, "kept_head_found": bool(kept) or None}
    clock = "".join(f"\nEntry {one} says that a clock had run ahead." for one in verified.set_right)
    say(
        {**told, "clock_set_right": verified.set_right, "seconds": seconds},
        f"The audit chain is whole: {found.seq} entries in {seconds} s; {with_head}.\n"
        f"Its head is {found.hash}.{clock}",
        as_json=as_json,
    )


def show_head(
    to: Annotated[
        Path | None, typer.Option(help="Also add it, signed, to this file: on another machine's disk.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the chain's newest entry, to be kept where whoever reaches this machine can't."""

    async def work(runtime: Runtime) -> tuple[audit.Head, str | None]:
        async with runtime.store.read() as session:
            found = await audit.head(session)
        if to is None:
            return found, None
        key = own_key(runtime.settings.shared_dir)
        left_heads.append(to, left_heads.signed(left_heads.LeftHead(found.seq, found.hash), key))
        return found, left_heads.public_text(key.public_key())

    found, public = run(work)
    if public is not None:
        say(
            {"seq": found.seq, "hash": found.hash, "key": public},
            f"{found.seq} {found.hash}\n"
            f"It is signed, in the file. The public key is {public}\n"
            "Keep that key elsewhere too: `steward audit verify --heads FILE --key KEY` then shows that no "
            "head was forged, and that each is still in the chain.",
            as_json=as_json,
        )
        return
    say(
        {"seq": found.seq, "hash": found.hash},
        f"{found.seq} {found.hash}\n"
        "Keep this line on another machine or on paper: `steward audit verify --head HASH` shows with it "
        "that no later hand cut off the end of the chain or put an old copy back.",
        as_json=as_json,
    )


def audit_heads(limit: Limit = None, everything: All = False, as_json: Json = False) -> None:
    """The heads that left this machine, the newest first: when, and by which ways."""
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> tuple[Page[left.Left], ZoneInfo]:
        async with runtime.store.read() as session:
            return await left.listed(session, at_most), runtime.policy.zone

    found, zone = run(work)
    if as_json:
        say_json(found.rows)
    elif not found.rows:
        echo("No head has left yet: each nightly sweep lets one leave.")
    else:
        rows = [
            (one.seq, local(one.at, zone), ", ".join(one.ways) or "noted here alone", one.hash)
            for one in found.rows
        ]
        table(("entry", "left", Column("by", wraps=True), Column("hash", wraps=True, least=16)), rows)
        more(len(found.rows), found.in_all)
