"""The command `steward`.

Two things that make a command start slowly are left out. Pydantic looks for plugins in every installed
package when it makes its first class: a tenth of the start, and Steward has none. And what is imported stays
until the end: to look through it for garbage again and again was a sixth. Once a command is imported, garbage
is collected as usual (`deployments.cli.lazy`).
"""

import gc
import os

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
gc.disable()

from deployments.cli.app import main  # noqa: E402 - imported without those two

__all__ = ["main"]
