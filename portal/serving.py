"""The process of the pages: it serves until it is told to end."""

import asyncio
import gc
import logging
import sys

import structlog
import uvicorn

from portal import metrics, uploads
from portal.app import create_app
from portal.ground import Ground
from schemas.errors import StewardError
from schemas.settings import load
from tasks.store import Store

#: Seconds that a request may still take once the process is told to end.
_LAST_SECONDS = 10


def set_apart() -> None:
    """Take all that was loaded out of what Python looks through for what is unused.

    It stays for as long as the process does, and looking through it made pages wait now and then.
    """
    gc.collect()
    gc.freeze()


async def serve() -> None:
    """Open the store and serve. Raises BadSettings."""
    settings = load()
    store = Store.open(settings.store_url)
    sweeping = asyncio.create_task(uploads.keep_swept(settings))
    here = Ground(settings, store)
    try:
        config = uvicorn.Config(
            create_app(here),
            host=settings.portal_host,
            port=settings.portal_port,
            access_log=False,  # its lines hold addresses and what was searched for
            log_level="warning",
            server_header=False,
            proxy_headers=bool(settings.portal_proxies),
            forwarded_allow_ips=sorted(settings.portal_proxies) or None,
            timeout_graceful_shutdown=_LAST_SECONDS,
        )
        set_apart()
        with metrics.served(settings, here):
            await uvicorn.Server(config).serve()
    finally:
        sweeping.cancel()
        await store.close()


def main() -> int:
    """Serve; the exit code."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    try:
        asyncio.run(serve())
    except StewardError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the reason why it did not start
        return error.exit_code
    return 0
