"""The kinds of control, one module each. Whatever stands in this package is a kind and is run.

A module whose name begins with an underscore is shared by kinds and is none itself.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, Union, get_args

from pydantic import Field

from policy.controls._control import Control, OneFor, Sanction, SanctionOf
from policy.controls._rule import COLUMNS, Rule
from schemas.words import Mode

__all__ = ["COLUMNS", "KINDS", "AnyControl", "Control", "Mode", "OneFor", "Rule", "Sanction", "SanctionOf"]


def _kinds() -> dict[str, type[Control]]:
    """Every kind by its word in the policy file. Raises TypeError for a module that has not one kind."""
    found: dict[str, type[Control]] = {}
    for module in sorted(one.name for one in iter_modules(__path__) if not one.name.startswith("_")):
        loaded = import_module(f"{__name__}.{module}")
        kinds = [
            one
            for one in vars(loaded).values()
            if isinstance(one, type) and issubclass(one, Control) and one.__module__ == loaded.__name__
        ]
        if len(kinds) != 1:
            raise TypeError(f"{loaded.__name__} must have one kind of control, and has {len(kinds)}")
        (word,) = get_args(kinds[0].model_fields["use"].annotation)
        found[word] = kinds[0]
    return found


#: Every kind that the code has, by its word in the policy file.
KINDS = _kinds()

if TYPE_CHECKING:
    AnyControl = Control
else:
    AnyControl = Annotated[Union[tuple(KINDS.values())], Field(discriminator="use")]  # noqa: UP007 - no kinds are known before
