"""Whether a connection to PostgreSQL still stands when it is used again.

A server may have gone since. SQLAlchemy can ask it before each session (`pool_pre_ping`): three round trips,
where a whole page takes twelve. Here the driver is asked, which sees at once that a server has hung up. The
server itself is asked where the connection lay idle.
"""

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

#: Seconds for which a connection counts as good that was just used.
GOOD_FOR = 5.0
_USED = "steward_used_at"


def watch(engine: Engine) -> None:
    """Let this engine hand out no connection that is lost: it makes a new one in its place."""

    def just_used(_connection: Any, record: Any) -> None:
        record.info[_USED] = time.monotonic()

    def look(connection: Any, record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if time.monotonic() - record.info.get(_USED, 0.0) >= GOOD_FOR:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error

    event.listen(engine, "connect", just_used)
    event.listen(engine, "checkin", just_used)
    event.listen(engine, "checkout", look)
