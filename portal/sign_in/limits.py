"""How often one address may ask within an hour; kept by each process for itself."""

from collections import deque
from datetime import datetime, timedelta

from starlette.requests import Request

_HOUR = timedelta(hours=1)
_MOST_KNOWN = 10_000


class Limit:
    """A sliding hour for each key. What is long ago is forgotten, and so is the oldest key of too many."""

    def __init__(self, an_hour: int) -> None:
        self._most = an_hour
        self._asked: dict[str, deque[datetime]] = {}

    def allows(self, key: str, now: datetime) -> bool:
        """Note one more; whether it is still within the limit."""
        asked = self._asked.pop(key, deque(maxlen=self._most + 1))
        while asked and asked[0] <= now - _HOUR:
            asked.popleft()
        asked.append(now)
        self._asked[key] = asked
        if len(self._asked) > _MOST_KNOWN:
            self._asked.pop(next(iter(self._asked)))
        return len(asked) <= self._most

    def give_back(self, key: str) -> None:
        """The latest one does not count: nothing came of it."""
        if asked := self._asked.get(key):
            asked.pop()


def client(request: Request) -> str:
    """The address that a request comes from; a proxy's word where the settings take it."""
    return request.client.host if request.client else ""


def limit(request: Request, what: str, most: int) -> Limit:
    """The limit of this name, one for the whole process."""
    limits: dict[str, Limit] = request.app.state.__dict__.setdefault("limits", {})
    return limits.setdefault(what, Limit(most))
