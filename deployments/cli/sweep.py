"""`steward sweep`: ask for a sweep now."""

from typing import Annotated

import typer

from deployments.cli.output import Json, say
from deployments.cli.running import run
from deployments.local.environment import POOL
from schemas.errors import StewardError
from tasks.prefect.api import NIGHTLY_SWEEP, PrefectApi, find
from tasks.runtime import Runtime


def sweep(
    as_json: Json = False,
    key: Annotated[str | None, typer.Option(help="Asking twice with the same key is asking once.")] = None,
) -> None:
    """Ask Prefect for a sweep now; say where its outcome is."""

    async def work(runtime: Runtime) -> dict[str, str]:
        address = find(runtime.settings)
        if address is None:
            raise StewardError("There is no Prefect to run it: start `steward up`, or set PREFECT_API_URL.")
        async with PrefectApi(*address) as api:
            if not await api.call("POST", "work_pools/filter", {"work_pools": {"name": {"any_": [POOL]}}}):
                raise StewardError(
                    f"Prefect has no work pool named {POOL}, so nothing runs it: start `steward up` again."
                )
            asked = await api.ask_run(NIGHTLY_SWEEP, key)
        page = f"{address[0].rstrip('/').removesuffix('/api')}/runs/flow-run/{asked.id}"
        return {"run": asked.id, "name": asked.name, "state": asked.state_name, "page": page}

    asked = run(work)
    says = (
        f"A sweep is asked for. Its run in Prefect: {asked['page']}\n"
        f"Once it begins, its name is the day and what it did (until then {asked['name']}); its report is "
        "under “Artifacts” there. What it found: `steward finding list`. What it asked: `steward status`."
    )
    say(asked, says, as_json=as_json)
