"""A flow that does nothing: what a run costs that has nothing to do."""

from prefect import flow


@flow(name="nothing")
async def nothing() -> None:
    """Nothing."""
