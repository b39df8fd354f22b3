"""`steward attest page`: a look at an account's page, now."""

from typing import Annotated, Any

import typer

from deployments.cli.output import Json, say
from deployments.cli.running import run
from tasks import clock
from tasks.pages import lifecycle as disclaimer_verification
from tasks.prefect.relay import relay
from tasks.runtime import Runtime


def attest_page(
    account: Annotated[int, typer.Argument(help="The account's number.")], as_json: Json = False
) -> None:
    """Look at the account's page now: for the notice, and for name and position where they must show."""

    async def work(runtime: Runtime) -> Any:
        seen = await disclaimer_verification.look(
            runtime.store, runtime.policy, runtime.settings, account, clock.now()
        )
        await relay(runtime.store, runtime.settings, clock.now())
        return seen

    seen = run(work)
    say(seen, f"{seen.verdict}: {seen.detail}", as_json=as_json)
