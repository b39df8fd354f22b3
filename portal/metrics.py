"""Figures for Prometheus: answers by page, and what waits in the outboxes. Numbers only, of no person.

They are served on a port of their own, on loopback: no proxy leads there.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from portal.ground import Ground
from schemas.errors import BadSettings, StewardError
from schemas.portal_settings import PortalSettings
from tasks.store.backlog import Backlog, backlog

_WITHIN_SECONDS = 5
_METHODS = frozenset({"GET", "HEAD", "POST"})
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

_figures = CollectorRegistry()
ProcessCollector(registry=_figures)
PlatformCollector(registry=_figures)
_ANSWERS = Counter(
    "steward_portal_answers",
    "Answers of the web pages.",
    ("method", "route", "status"),
    registry=_figures,
)
_SECONDS = Histogram(
    "steward_portal_answer_seconds",
    "How long an answer took.",
    ("route",),
    buckets=_BUCKETS,
    registry=_figures,
)


def note(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer. `route` is the pattern of an address, never the address itself."""
    _ANSWERS.labels(method if method in _METHODS else "other", route, str(status)).inc()
    _SECONDS.labels(route).observe(seconds)


class Waiting(Collector):
    """What waits in the store, read when somebody asks for the figures: by another thread than the pages'."""

    def __init__(self, here: Ground, loop: asyncio.AbstractEventLoop) -> None:
        self._here, self._loop = here, loop

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: to register it asks the store for nothing."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures; without the store one alone, that it does not answer."""
        asked = asyncio.run_coroutine_threadsafe(self._read(), self._loop)
        try:
            found = asked.result(_WITHIN_SECONDS)
        except (StewardError, TimeoutError):
            asked.cancel()
            yield GaugeMetricFamily("steward_store_answers", "Whether the store answers.", 0)
            return
        yield GaugeMetricFamily("steward_store_answers", "Whether the store answers.", 1)
        for name, said, counts in (
            ("steward_notices", "Letters of the outbox that have not left, by state.", found.notices),
            ("steward_wakes", "Wake-ups that no run has done yet, by state.", found.wakes),
        ):
            family = GaugeMetricFamily(name, said, labels=("state",))
            for state, count in counts.items():
                family.add_metric((state,), count)
            yield family
        for name, said, seconds in (
            ("steward_notice_due_seconds", "How long the oldest letter is due.", found.notice_due_seconds),
            ("steward_wake_due_seconds", "How long a run is not asked for.", found.wake_due_seconds),
        ):
            yield GaugeMetricFamily(name, said, seconds)

    async def _read(self) -> Backlog:
        async with self._here.store.read() as session:
            return await backlog(session, self._here.now())


@contextmanager
def served(settings: PortalSettings, here: Ground) -> Iterator[None]:
    """Serve the figures for as long as the block runs, where the settings give them a port.

    Raises BadSettings where somebody else listens there.
    """
    if settings.portal_metrics_port is None:
        yield
        return
    waiting = Waiting(here, asyncio.get_running_loop())
    try:
        server, thread = start_http_server(settings.portal_metrics_port, "127.0.0.1", _figures)
    except OSError:
        raise BadSettings(
            "The port of STEWARD_PORTAL_METRICS_PORT can't be listened on: choose one that is free."
        ) from None
    _figures.register(waiting)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        _figures.unregister(waiting)
