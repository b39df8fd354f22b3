"""`python -m portal`: serve the pages until told to end."""

import sys


def main() -> int:
    """Serve; the exit code. What colours a terminal stays out: libraries would load it, 5 MB, for nothing."""
    for name in ("rich", "pygments"):
        sys.modules[name] = None  # type: ignore[assignment]  # so Python says that it is not there
    from portal.serving import main as serve  # noqa: PLC0415 - after that

    return serve()


if __name__ == "__main__":
    sys.exit(main())
