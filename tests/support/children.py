"""What a test has started: whatever is below an older process is another test's."""

from contextlib import suppress

import psutil


def children() -> frozenset[psutil.Process]:
    """What this process has started by itself and is still there."""
    return frozenset(psutil.Process().children())


def started_since(before: frozenset[psutil.Process]) -> frozenset[psutil.Process]:
    """What this process has started since `children()` said `before`, and what those started in turn.

    A database or a stack that a whole session shares starts processes whenever it likes: they are below one
    of `before`, and are not this test's.
    """
    found = children() - before
    for one in found:
        with suppress(psutil.NoSuchProcess):
            found |= frozenset(one.children(recursive=True))
    return found
