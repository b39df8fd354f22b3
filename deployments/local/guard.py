"""The guard: ends the whole stack when `up` is gone without having done so, kill -9 included.

Started as a process of its own, in a session of its own, with the reading end of a pipe as standard input.
`up` alone holds the other end. A line means that all is done; the bare end of the pipe, that `up` died.
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
