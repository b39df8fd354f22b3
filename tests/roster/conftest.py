"""Taking in a bundle by its files."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from policy.model import Policy
from tasks.people.roster import RosterReport
from tasks.store import Store
from tests.roster.roster_bundles import folder
from tests.roster.taking_in import take_in


@pytest.fixture(scope="session")
def policy(policy: Policy) -> Policy:
    """AP 151, but it trusts its rosters: whoever one leaves out has left. test_missing.py has the days."""
    at_once = policy.roster.model_copy(update={"missing_school_days": 0})
    return policy.model_copy(update={"roster": at_once})


@pytest.fixture
def take(store: Store, policy: Policy, now: datetime, tmp_path: Path) -> Callable[..., Any]:
    """Take in the files of a bundle."""
    number = iter(range(100))

    async def taken(files: dict[str, bytes], **options: Any) -> RosterReport:
        path = folder(tmp_path / f"bundle{next(number)}", files)
        return await take_in(store, policy, now, path, **options)

    return taken
