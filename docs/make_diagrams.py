"""The state diagrams of docs/architecture.md, made from the tables beside the state enums.

python docs/make_diagrams.py           writes them between the markers
python docs/make_diagrams.py --check   exits with 1 where the document is not current
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from made import MadePart  # noqa: E402 - the document's own checkout comes first

from schemas.states import (  # noqa: E402
    INITIAL,
    OWNER,
    TRANSITIONS,
    AccessState,
    AccountState,
    IncidentState,
    LeaveState,
    RequestState,
    has_ended,
)

TITLES = {
    RequestState: "A request",
    AccountState: "An account",
    AccessState: "One person's access",
    LeaveState: "Leave",
    IncidentState: "A report that something was broken",
}


def labelled(state: RequestState | AccountState | AccessState | LeaveState | IncidentState) -> str:
    """A state and whose move it is; a state that has ended is nobody's."""
    return str(state) if has_ended(state) else f"{state} ({OWNER[state]})"


def diagram(states: type[RequestState | AccountState | AccessState | LeaveState | IncidentState]) -> str:
    """One lifecycle as a Mermaid state diagram, with whose move each state is."""
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR"]
    lines += [f'    state "{labelled(state)}" as {state.name}' for state in states]
    lines.append(f"    [*] --> {INITIAL[states].name}")
    for state in states:
        lines += [f"    {state.name} --> {to.name}" for to in states if to in TRANSITIONS[state]]
        if has_ended(state):
            lines.append(f"    {state.name} --> [*]")
    return "\n".join([*lines, "```"])


def made() -> str:
    """All diagrams, as they stand between the markers."""
    parts = [f"### {title}\n\n{diagram(states)}" for states, title in TITLES.items()]
    return "\n\n".join(parts)


if __name__ == "__main__":
    raise SystemExit(MadePart("docs/make_diagrams.py", "docs/architecture.md", made).main())
