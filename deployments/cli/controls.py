"""`steward control list` and `show`: which controls act, which only observe, and whom one finds."""

from dataclasses import asdict
from typing import Annotated

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.ledger import promise
from policy.model import Policy
from schemas.words import Mode
from tasks import clock
from tasks.adoption.watching import Met, Watched, met_now, watched
from tasks.runtime import Runtime

_WORDS = {Mode.ENFORCE: "acts", Mode.OBSERVE: "only observes", Mode.OFF: "off"}


def control_list(as_json: Json = False) -> None:
    """Every control that finds something: whether it acts or only observes, since when, and what it finds."""

    async def work(runtime: Runtime) -> tuple[Watched, ...]:
        today = runtime.policy.calendar.today(clock.now())
        return await watched(runtime.store, runtime.policy, today)

    found = run(work)
    if as_json:
        say_json(found)
        return
    table(
        (
            "control",
            "clause",
            Column("", wraps=True, drop=2),
            "mode",
            "set on",
            "acts from",
            "found",
            Column("may be set", drop=1),
        ),
        [
            (
                one.control,
                one.clause,
                one.title,
                _WORDS[one.mode],
                one.since,
                one.next_on,
                one.found,
                "yes" if one.may_be_set else "",
            )
            for one in found
        ],
    )


def control_show(
    name: Annotated[str, typer.Argument(help="The control's name, as `steward control list` has it.")],
    as_json: Json = False,
) -> None:
    """One control: what it promises, whether it acts, and every account that does not hold to it now."""

    async def work(runtime: Runtime) -> tuple[Watched, str, tuple[Met, ...], Policy]:
        today = runtime.policy.calendar.today(clock.now())
        (one,) = await watched(runtime.store, runtime.policy, today, name)
        found = await met_now(runtime.store, name)
        return one, promise(runtime.policy.control(name)), found, runtime.policy

    one, promised, found, policy = run(work)
    if as_json:
        say_json({**asdict(one), "promise": promised, "accounts": found})
        return
    echo(f"{one.control} ({one.clause}, {one.title})")
    echo(f"{promised}")
    echo(_standing(one))
    if not found:
        echo("The last sweep found no account that does not hold to it.")
        return
    table(
        (
            "account",
            "handle",
            Column("school", wraps=True),
            Column("who runs it", wraps=True),
            "due",
            "found",
        ),
        [
            (
                each.account,
                policy.says_account(each.platform, each.handle),
                each.school_name,
                ", ".join(each.names) or "nobody",
                each.due_on,
                each.detail,
            )
            for each in found
        ],
        title=f"{len(found)} found",
    )


def _standing(one: Watched) -> str:
    since = f", set on {one.since}" if one.since else ", as the policy file says"
    ahead = f" It acts from {one.next_on} on." if one.next_on else ""
    reason = f" The reason: {one.reason}" if one.reason else ""
    return f"It {_WORDS[one.mode]}{since}.{ahead}{reason}"
