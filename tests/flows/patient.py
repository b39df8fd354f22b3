"""Prefect's API for tests, which asks again where Prefect is busy."""

from typing import Any

from deployments.local.waiting import until
from tasks.prefect.api import PrefectApi, PrefectUnavailable


class Patient(PrefectApi):
    """Asks again where Prefect is busy: here its database is one file, and one writes at a time."""

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        said: list[Any] = []

        async def taken() -> bool:
            try:
                said.append(await super(Patient, self).call(method, path, body))
            except PrefectUnavailable as error:
                if "answered 503" not in str(error):
                    raise
            return bool(said)

        await until(taken, "Prefect")
        return said[0]
