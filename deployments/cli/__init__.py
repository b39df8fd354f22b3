"""The command `steward`."""

from deployments.cli.app import main

__all__ = ["main"]
