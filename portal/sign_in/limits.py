"""How often one address may ask within an hour; kept by each process for itself."""

from collections import deque
from datetime import datetime, timedelta

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
