"""The clause ledger: what in the code serves which clause, as the code itself says it.

A rule, gate, lifecycle or piece of guidance carries `@serves("5.2", how="gate")`. Nothing else fills the
ledger, so it cannot claim what is not there: no list of promises stands anywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from inspect import isfunction
from pkgutil import walk_packages
from typing import Literal, TypeVar

from policy.clause_ids import CLAUSE_IDS, HEADS
from policy.model import ClauseKind, Policy

How = Literal["gate", "rule", "lifecycle", "guidance"]
Served = TypeVar("Served", bound=Callable[..., object])

#: What may be named as serving. Heads may: what they say is asked through the clauses under them.
KNOWN = frozenset(CLAUSE_IDS) | frozenset(HEADS)


@dataclass(frozen=True, order=True)
class Service:
    """One function that serves one clause. `where` is its module and qualified name."""

    clause: str
    how: ClauseKind
    where: str


@dataclass(frozen=True)
class ClauseRow:
    """One line of the ledger. `open_kinds` are the clause's kinds that nothing serves yet."""

    clause: str
    title: str
    kinds: tuple[ClauseKind, ...]
    served_by: tuple[Service, ...]

    @property
    def open_kinds(self) -> tuple[ClauseKind, ...]:
        """Which of the clause's kinds have nothing that serves them."""
        served = {service.how for service in self.served_by}
        return tuple(kind for kind in self.kinds if kind not in served)

    @property
    def standing(self) -> Literal["served", "served in part", "not served yet"]:
        """How far the clause is served."""
        if not self.served_by:
            return "not served yet"
        return "served in part" if self.open_kinds else "served"


_SERVICES: set[Service] = set()


def serves(*clauses: str, how: How) -> Callable[[Served], Served]:
    """Register the function below it as serving these clauses.

    Raises ValueError for a clause that AP 151 does not have, TypeError for anything but a function
    defined in a module: a lambda, a class or a name from elsewhere can't be found again.
    """
    if not clauses:
        raise ValueError("say which clause is served")
    for clause in clauses:
        if clause not in KNOWN:
            raise ValueError(f"AP 151 has no clause {clause!r}")
    kind = ClauseKind(how)

    def register(function: Served) -> Served:
        inner = getattr(function, "fn", function)  # a Prefect flow or task keeps its function there
        if not isfunction(inner) or "<" in inner.__qualname__:
            raise TypeError(f"{function!r} is no function of a module: it can't serve a clause")
        where = f"{inner.__module__}.{inner.__qualname__}"
        _SERVICES.update(Service(clause, kind, where) for clause in clauses)
        return function

    return register


def services() -> tuple[Service, ...]:
    """Everything registered by the modules imported so far, in order."""
    return tuple(sorted(_SERVICES))


def import_all(*packages: str) -> None:
    """Import every module of these packages, so that the ledger is whole. Errors come through."""
    for name in packages:
        package = import_module(name)
        for found in walk_packages(package.__path__, f"{name}."):
            import_module(found.name)


def ledger(policy: Policy) -> tuple[ClauseRow, ...]:
    """Each clause in the policy's order, with what serves it among the modules imported so far."""
    by_clause: dict[str, list[Service]] = {}
    for service in services():
        by_clause.setdefault(service.clause, []).append(service)
    return tuple(
        ClauseRow(clause.id, clause.title, clause.kinds, tuple(by_clause.get(clause.id, ())))
        for clause in policy.clauses
    )
