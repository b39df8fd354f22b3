"""Contact reports: what few may see goes once its days are over."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.contacts.lifecycle import LIFECYCLE


@flow(name="contact reports", flow_run_name="contact reports")
async def contact_reports() -> State[Any]:
    """Deletes each report of a contact when the days that the policy gives it are over.

    shared → seen → deleted

    What was reported, by whom and of whom never comes into Prefect. The nightly sweep does it by itself; a
    run does it now.
    """
    return await drain(LIFECYCLE, None)
