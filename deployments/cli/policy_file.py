"""`steward policy`: what is wrong in a file, what it would change, and what was adopted."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from deployments.cli.output import Json, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo, echo_data
from policy.model import load, warnings
from tasks import clock
from tasks.adoption.adopt import Change, what_changes
from tasks.adoption.listing import ListedPolicy, list_adopted
from tasks.runtime import Runtime
from tasks.store import adopted


def policy_check(
    file: Annotated[Path, typer.Argument(help="The policy file to look at; nothing else is.")],
    as_json: Json = False,
) -> None:
    """Whether a policy file can be used, and what in it is probably a slip. Nothing is changed.

    A file that can't be used is refused with all its problems, each with its line. A slip is a warning: the
    file can be used as it is.
    """
    policy = load(file)
    found = warnings(file)
    if as_json:
        say_json({"policy": policy.document.id, "version": policy.document.version, "warnings": found})
        return
    echo(f"{file.name}: {policy.document.id}, version {policy.document.version}. It can be used.")
    for one in found:
        echo(str(one))
    echo(f"{len(found)} {'warning' if len(found) == 1 else 'warnings'}.")


def policy_diff(
    file: Annotated[Path, typer.Argument(help="The policy file to compare with the adopted one.")],
    as_json: Json = False,
) -> None:
    """What a policy file says otherwise than the adopted policy. Changes nothing."""

    async def work(runtime: Runtime) -> Change:
        today = runtime.policy.calendar.today(clock.now())
        return await what_changes(runtime.store, runtime.policy, file, today)

    change = run(work, needs_store=False)
    if as_json:
        say_json({"differences": change.differences, "version": change.policy.document.version})
    elif not change.differences:
        echo(f"{file.name} says what the adopted policy says, version {change.used.document.version}.")
    else:
        for one in change.differences:
            echo(str(one))
        for said in change.modes:
            echo(said)
        count = len(change.differences)
        echo(
            f"{count} {'difference' if count == 1 else 'differences'} from the adopted policy, version "
            f"{change.used.document.version}."
        )


def policy_list(as_json: Json = False) -> None:
    """Every adopted policy, the newest first: that one is used."""

    async def work(runtime: Runtime) -> tuple[tuple[ListedPolicy, ...], ZoneInfo]:
        return await list_adopted(runtime.store), runtime.policy.zone

    found, zone = run(work)
    if as_json:
        say_json(found)
        return
    rows = [
        (
            one.number,
            one.version,
            local(one.adopted_at, zone),
            one.by or "taken from the file, at a start",
            "yes" if one.used else "",
        )
        for one in found
    ]
    table(("number", "version", "adopted", Column("by", wraps=True), "used"), rows)


def policy_show(
    which: Annotated[
        str | None, typer.Argument(help="Its number or version; the one that is used if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """An adopted policy, word for word as the file was. Write it to a file with `> FILE`."""

    async def work(runtime: Runtime) -> str:
        if which is None:
            return (await adopted.used(runtime.store, runtime.settings.policy_file)).text
        async with runtime.store.read() as session:
            return (await adopted.one(session, which)).content

    text = run(work, needs_store=which is not None)
    if as_json:
        say_json({"content": text})
    else:
        echo_data(text.removesuffix("\n"))
