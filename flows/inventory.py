"""Inventory: each school is asked whether the list of its accounts is right."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.inventory.lifecycle import LIFECYCLE


@flow(name="inventory", flow_run_name="inventory")
async def inventory() -> State[Any]:
    """Asks each school, in the months of the policy, whether its list of accounts is right.

    not asked → asked → reminded, climbing → confirmed, with what is struck announced for closing

    No account is closed because no answer came. The nightly sweep asks by itself; a run asks now whoever is
    due.
    """
    return await drain(LIFECYCLE, None)
