"""A worker whose code does not fit the store starts nothing: it was forgotten at an upgrade."""

from typing import Any, cast

import pytest
from sqlalchemy import text

from deployments.local.worker import FixedWorker
from deployments.migrations import StoreIsNewer, StoreNotPrepared
from schemas.errors import StewardError
from tasks.store import Store


@pytest.mark.parametrize(("revision", "refused"), [("9999", StoreIsNewer), ("0001", StoreNotPrepared)])
async def test_nothing_is_started_on_a_store_of_another_revision(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch, revision: str, refused: type[StewardError]
) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", store_url)
    async with store.write(audited=False) as session:
        changed = text("UPDATE alembic_version SET version_num = :revision")
        await (await session.connection()).execute(changed, {"revision": revision})
    nobody = cast(Any, None)  # neither Prefect nor the run is asked anything before
    with pytest.raises(refused, match=f"revision {revision}"):
        await FixedWorker.run(nobody, nobody, nobody)
