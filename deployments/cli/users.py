"""`steward user list`: whose user of a machine is whose."""

from zoneinfo import ZoneInfo

from deployments.cli.output import Json, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from tasks.people.users import Bound, bound_users
from tasks.runtime import Runtime


def user_list(as_json: Json = False) -> None:
    """The users of machines that are bound to somebody; whoever else types, once one is bound, is refused."""

    async def work(runtime: Runtime) -> tuple[tuple[Bound, ...], ZoneInfo]:
        return await bound_users(runtime.store), runtime.policy.zone

    found, zone = run(work)
    if as_json:
        say_json(found)
    elif not found:
        echo("No user is bound: whoever types at a terminal is believed. Bind them with `steward user bind`.")
    else:
        table(
            ("user", "machine", Column("is", wraps=True), Column("since", drop=1)),
            [(one.user, one.host, one.name, local(one.bound_at, zone)) for one in found],
        )
