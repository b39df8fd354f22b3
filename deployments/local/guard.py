"""The guard: ends the whole stack when `up` is gone without having done so, kill -9 included.

It runs as a separate process in a separate session, and reads a pipe as its standard input. Only `up` has the
other end. A line on the pipe means that all is done. An end without a line means that `up` died.
"""

import signal
import sys

from deployments.local import marks


def main(mark: str) -> None:
    """Wait for the end of `up`; then end what it left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if not sys.stdin.readline():
        marks.end_all(mark)


if __name__ == "__main__":
    main(sys.argv[1])
