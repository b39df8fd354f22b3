"""`steward mail release`: parked notices leave after all."""

from typing import Annotated

import typer

from deployments.cli.output import Json, say
from deployments.cli.running import run
from schemas.errors import BadInput
from tasks import clock
from tasks.mail.release import release_parked
from tasks.prefect.relay import relay
from tasks.runtime import Runtime


def release_mail(
    notices: Annotated[
        list[int] | None, typer.Argument(metavar="[NOTICE]...", help="Numbers of `steward mail list`.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every parked notice.")] = False,
    as_json: Json = False,
) -> None:
    """Let parked notices leave after all, once you have mended what kept them (an address, the server)."""
    if bool(notices) == everything:
        raise BadInput("Say which notices to release, by number, or --all.")

    async def work(runtime: Runtime) -> tuple[int, ...]:
        now = clock.now()
        chosen = None if everything else tuple(notices or ())
        numbers = await release_parked(runtime.store, runtime.policy, chosen, now=now)
        await relay(runtime.store, runtime.settings, now)
        return numbers

    numbers = run(work)
    many = f"{len(numbers)} notices" if len(numbers) != 1 else f"Notice {numbers[0]}"
    text = (
        f"{many} released: the next delivery takes what may leave at that hour."
        if numbers
        else ("No notice is parked: nothing to release.")
    )
    say({"released": numbers}, text, as_json=as_json)
