"""The command `steward`.

Pydantic looks for plugins in every installed package when it makes its first class: a tenth of a command's
start. Steward has none.
"""

import os

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from deployments.cli.app import main

__all__ = ["main"]
