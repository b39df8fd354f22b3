"""What a night costs on which nothing is due: so many statements, however long the code around them is."""

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

from policy.model import Policy
from schemas.settings import Settings
from tasks.rehearsal import fetching, sweep
from tasks.runtime import Runtime
from tasks.store import Store
from tests.faults.fault_division import NIGHT, Alone
from tests.faults.sweeps import moments

#: With the begin of each transaction; 224 as it stands. One that asks account by account passes it by far.
AT_MOST = 240


async def test_a_night_on_which_nothing_is_due_asks_little(
    alone: Alone, policy: Policy, tmp_path: Path
) -> None:
    shutil.copyfile(alone.path, tmp_path / "steward.db")
    store, asked, happened = Store.open(f"sqlite+aiosqlite:///{tmp_path / 'steward.db'}"), [0], Counter[str]()
    runtime = Runtime(Settings(), policy, store)
    with moments(store, lambda number: asked.__setitem__(0, number)):
        async for _ in sweep(runtime, NIGHT + timedelta(minutes=1), happened, without=fetching()):
            pass
    await store.close()
    assert +happened == {}
    assert len(policy.rules()) * 5 < asked[0] <= AT_MOST
