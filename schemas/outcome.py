"""What a decision asks for, as plain frozen data. `tasks.store.apply` carries it out in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schemas.events import EventKind
from schemas.notices import NoticeFacts
from schemas.states import State
from schemas.words import ItemKind, SubjectKind


@dataclass(frozen=True)
class Subject:
    """What something is about."""

    kind: SubjectKind
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class RoleAt:
    """Whoever holds a role today, or deputizes for one who is absent. `school_id` None: the division's."""

    role: str
    school_id: int | None = None


@dataclass(frozen=True)
class Move:
    """Change a subject's state, for a control. Refused when it is no longer in `expected` with `version`."""

    subject: Subject
    expected: State
    version: int
    to: State
    control: str
    cause: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """Open an action item, one for each `key`; one that had ended is opened again."""

    key: str
    kind: ItemKind
    of: int | RoleAt
    subject: Subject
    control: str
    due_on: date


@dataclass(frozen=True)
class Settle:
    """End open action items: those with these keys, and those of these kinds about a subject.

    `done` False: their reason went away before anybody did them.
    """

    keys: tuple[str, ...] = ()
    about: Subject | None = None
    kinds: tuple[ItemKind, ...] = ()
    done: bool = True


@dataclass(frozen=True)
class Tell:
    """Write a notice, once for each person and `cause`. `notice` is one of `policy.notices`, with its facts.

    `but_not`: people who are not told although they hold the role.
    """

    notice: NoticeFacts
    to: int | RoleAt
    cause: str
    subject: Subject
    but_not: tuple[int, ...] = ()


@dataclass(frozen=True)
class Emit:
    """Say that something happened; wakes the lifecycles that declare so."""

    event: EventKind
    subject: Subject


@dataclass(frozen=True)
class Hand:
    """Note that these texts, in these versions, were sent to a person; for one account, or for all."""

    person_id: int
    texts: tuple[tuple[str, str], ...]
    account_id: int | None = None


@dataclass(frozen=True)
class Advise:
    """Note that advice was sent to a person on a day: each text, its version, whether an answer is asked."""

    person_id: int
    on: date
    texts: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class Pursue:
    """Note on an open action item how far it was followed up: the row's new values.

    `reminders` counts those that went out, `climbed_to` is the role that it was escalated to, `next_step_on`
    the day on which it is looked at again.
    """

    item_id: int
    reminders: int
    climbed_to: str | None
    next_step_on: date


Step = Move | Ask | Settle | Tell | Emit | Hand | Advise | Pursue


@dataclass(frozen=True)
class Outcome:
    """What happens next. `says` is one line for operators, without names; empty `steps`: nothing to do."""

    steps: tuple[Step, ...] = ()
    says: str = ""

    def __bool__(self) -> bool:
        return bool(self.steps)


NOTHING = Outcome()
