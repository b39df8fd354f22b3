"""A policy file with a control turned off, or with some taken out and whatever only they needed."""

import re

from policy.model import Policy
from policy.model.checks import ASKED_EVERYWHERE

CONTROL, CLAUSE = "[[clauses.controls]]", "[[clauses]]"
BY_PEOPLE = 'by_people = "Nothing holds this any more."\n'


def turned_off(text: str, name: str) -> str:
    """The same file with that control off."""
    own = f'as = "{name}"\n'
    assert text.count(own) == 1
    return re.sub(f"{own}(mode = .*\n)?", f'{own}mode = "off"\n', text)


def taken_out(text: str, policy: Policy, *names: str) -> str:
    """The same file without these controls, and without the terms of what nothing else asks for.

    A clause that they held alone is left to people.
    """
    head, *sections = re.split(r"(?m)^(?=\[\[)", text)
    others = [one for one in policy.controls if one.name not in names]
    needed = {*ASKED_EVERYWHERE, *(kind for one in others for kind in one.asks_for)}
    asked = {kind for name in names for kind in policy.control(name).asks()}
    unasked = [f'kind = "{kind}"' for kind in asked - needed]
    gone = [f'as = "{name}"' for name in names]
    kept = [
        section
        for section in sections
        if not (section.startswith(CONTROL) and any(one in section for one in gone))
        and not (section.startswith("[[items]]") and any(one in section for one in unasked))
    ]
    return head + "".join(_left_to_people(kept, names))


def _left_to_people(sections: list[str], names: tuple[str, ...]) -> list[str]:
    """A clause without a control of its own or of another's says that people hold it."""
    found = []
    for section, after in zip(sections, [*sections[1:], ""], strict=True):
        held = next((own for name in names if (own := f'held_by = ["{name}"]\n') in section), None)
        if section.startswith(CLAUSE) and held is not None:
            found.append(section.replace(held, BY_PEOPLE))
        elif section.startswith(CLAUSE) and is_bare(section) and not after.startswith(CONTROL):
            found.append(section.rstrip("\n") + f"\n{BY_PEOPLE}\n")
        else:
            found.append(section)
    return found


def is_bare(clause: str) -> bool:
    """Whether a clause asks something and says nothing of what holds it."""
    return "asks = " in clause and not re.search(r"(?m)^(held_by|by_people|planned) = ", clause)
