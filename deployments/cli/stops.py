"""`steward account stops`: accounts that were stopped or suspended for a time, and when they come back."""

from zoneinfo import ZoneInfo

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from tasks.runtime import Runtime
from tasks.stops.listing import StopShown, list_stops


def account_stops(as_json: Json = False) -> None:
    """Accounts that were stopped in an emergency or suspended for a time: what is to be brought back."""

    async def work(runtime: Runtime) -> tuple[tuple[tuple[StopShown, str], ...], ZoneInfo]:
        async with runtime.store.read() as session:
            found = await list_stops(session, runtime.policy)
        zone = runtime.policy.zone
        shown = (
            (one, _ends(one, f"{one.confirm_by.astimezone(zone):%Y-%m-%d %H:%M}" if one.confirm_by else ""))
            for one in found
        )
        return tuple(shown), zone

    shown, zone = run(work)
    if as_json:
        say_json([one for one, _ in shown])
        return
    if not shown:
        echo("No account is stopped, or suspended for a time.")
        return
    table(
        (
            "account",
            "handle",
            Column("since", drop=1),
            Column("by", wraps=True),
            Column("comes back", wraps=True),
            Column("to mend", drop=2),
            Column("reason", wraps=True, drop=3),
        ),
        [
            (
                one.account,
                one.called,
                one.since.astimezone(zone).date(),
                one.stopped_as or one.by or "",
                ends,
                one.findings,
                one.reason,
            )
            for one, ends in shown
        ],
    )


def _ends(one: StopShown, confirm_by: str) -> str:
    if confirm_by:
        return f"unless a second office confirms it by {confirm_by}"
    return f"after {one.through}" if one.through else "when it is brought back"
