"""Many people complete the course at once: each is recorded through one of two processes of web pages.

Whoever gets no answer, or that of a proxy whose pages are away, sends the same form once more, as people do.
The form has a key of its own, so it is recorded once.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import httpx

from benchmarks.machines.rig import HOST, PAGES_PORT, PROXY
from schemas.words import SignInWay
from tasks import clock
from tasks.sign_in import sessions
from tasks.store import Store

AT_ONCE = 16
_PATIENCE_SECONDS = 300
_AGAIN_SECONDS = 0.5
_SEE_OTHER = 303


@dataclass
class Burst:
    """How far it is. `again`: how often a form was sent once more, by what was answered."""

    people: Sequence[int]
    recorded: int = 0
    began: float = 0.0
    took: float = 0.0
    again: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """How much of it is recorded, 0 to 1."""
        return self.recorded / len(self.people)


async def record(store: Store, officer: int, burst: Burst, day: date, news: Callable[[], None]) -> None:
    """Record all of them, so many at once. Raises RuntimeError where one is refused."""
    waiting = list(reversed(burst.people))
    lasts = timedelta(hours=12)
    tokens = [
        await sessions.begin(store, officer, SignInWay.MAIL, now=clock.now(), lasts=lasts)
        for _ in range(AT_ONCE)
    ]

    async def one_after_the_other(token: str) -> None:
        headers = {
            "Host": HOST,
            "Cookie": f"__Host-steward-session={token}",
            "Sec-Fetch-Site": "same-origin",
        }
        async with httpx.AsyncClient(
            base_url=f"http://{PROXY}:{PAGES_PORT}", headers=headers, timeout=30, trust_env=False
        ) as http:
            mark = re.findall('name="made_for" value="([^"]+)"', (await http.get("/")).text)[0]
            while waiting:
                await _one(http, waiting.pop(), day, burst, mark)
                burst.recorded += 1
                news()

    burst.began = time.monotonic()
    await asyncio.gather(*map(one_after_the_other, tokens))
    burst.took = time.monotonic() - burst.began


async def _one(http: httpx.AsyncClient, person: int, day: date, burst: Burst, mark: str) -> None:
    form = {
        "made_for": mark,
        "person": str(person),
        "completed_on": day.isoformat(),
        "confirmed": "1",
        "key": f"burst{person}",
    }
    ends = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < ends:
        try:
            answer = await http.post("/acts/record-a-completion", data=form)
        except httpx.HTTPError as error:
            burst.again[type(error).__name__] += 1
        else:
            if answer.status_code == _SEE_OTHER and "/done" in answer.headers["location"]:
                return
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                raise RuntimeError(f"answered {answer.status_code}: {answer.text[:2000]}")
            burst.again[str(answer.status_code)] += 1
        await asyncio.sleep(_AGAIN_SECONDS)
    raise RuntimeError(f"person {person} could not be recorded")
