"""What a worker does not start, and why: its code does not fit the store, or the run its flow."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from prefect.utilities.callables import parameter_schema
from sqlalchemy import text

from deployments.local.worker import FixedWorker
from deployments.migrations import StoreIsNewer, StoreNotPrepared
from flows.nightly_sweep import nightly_sweep
from schemas.errors import BadInput, StewardError
from tasks.store import Store


@pytest.mark.parametrize(("revision", "refused"), [("9999", StoreIsNewer), ("0001", StoreNotPrepared)])
async def test_nothing_is_started_on_a_store_of_another_revision(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch, revision: str, refused: type[StewardError]
) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", store_url)
    async with store.write(audited=False) as session:
        changed = text("UPDATE alembic_version SET version_num = :revision")
        await session.run(changed, {"revision": revision})
    nobody = cast(Any, None)  # neither Prefect nor the run is asked anything before
    with pytest.raises(refused, match=f"revision {revision}"):
        await FixedWorker.run(nobody, nobody, nobody)


async def test_a_run_with_a_parameter_that_its_flow_does_not_take_is_not_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prefect says why a run was not started; of one that ended in its own process it says a number."""
    monkeypatch.setattr("deployments.local.worker.require_newest", lambda _: None)
    taken = parameter_schema(nightly_sweep).model_dump(exclude_unset=True)
    its = SimpleNamespace(entrypoint="flows/nightly_sweep.py:nightly_sweep", parameter_openapi_schema=taken)

    async def read_deployment(_: object) -> Any:
        return its

    worker = SimpleNamespace(
        ours={its.entrypoint}, client=SimpleNamespace(read_deployment=read_deployment), forks=None
    )
    worker.deployment = lambda run: FixedWorker.deployment(cast(Any, worker), run)
    run, job = SimpleNamespace(deployment_id=1, parameters={"rules": 1}), SimpleNamespace(env={})
    with pytest.raises(BadInput, match="This run has 'rules', which its flow does not take"):
        await FixedWorker.run(cast(Any, worker), cast(Any, run), cast(Any, job))
    assert job.env == {}
