"""Notice delivery: every run delivers what it wrote; this one also what waits, and what others could not."""

from schemas.events import EventKind
from tasks.lifecycles import Lifecycle

LIFECYCLE = Lifecycle(
    "notice-delivery",
    woken_by=(
        EventKind.REQUEST_WITHDRAWN,
        EventKind.ACCOUNT_SUSPENDED,
        EventKind.ACCOUNT_REINSTATED,
        EventKind.ACCOUNTS_IMPORTED,
        EventKind.ROTATION_RECORDED,
        EventKind.NOTICES_WAITING,
    ),
    stages=(),
)
