"""Which office decides a request, and who of its holders may. Pure."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from policy.controls.approval import Approval
from policy.controls.custody import Custody
from policy.controls.personal import Personal
from policy.model import Policy
from policy.organization import Office
from schemas.errors import NotAllowed
from schemas.facts import Authority
from schemas.outcome import RoleAt


def office_at(office: Office, school_id: int | None) -> RoleAt:
    """Whoever holds an office of the policy, seen from an account of this school."""
    return RoleAt(office.id, school_id if office.at == "school" else None)


def custodians(policy: Policy, level: str, school_id: int | None) -> tuple[RoleAt, ...]:
    """The offices that must have a way in to an account of this level, seen from its school."""
    offices = policy.once(
        ("custodians", level),
        lambda: tuple(policy.office(one.office) for one in policy.applying(Custody, level=level)),
    )
    return tuple([office_at(one, school_id) for one in offices])


def policy_office(policy: Policy) -> RoleAt:
    """The office that keeps the policy: asked where an account has nobody nearer."""
    return RoleAt(policy.duties.keeps_policy)


def looking(policy: Policy, level: str, school_id: int | None) -> tuple[RoleAt, ...]:
    """The offices that may say what an account's page shows, the nearest first.

    Who keeps it, who keeps the policy and who approves it. The last one steps in where these have nobody but
    the account's own administrators: who keeps the policy often administers what is of all schools.
    """
    approve = policy.once(
        ("approve", level),
        lambda: tuple(
            policy.office(office)
            for one in policy.applying(Approval, level=level)
            for office in (one.decided_by, one.otherwise)
        ),
    )
    deciding = [office_at(one, school_id) for one in approve]
    nearest = (*custodians(policy, level, school_id), policy_office(policy), *deciding)
    return tuple(dict.fromkeys(nearest))


def approving(policy: Policy, level: str) -> str:
    """The name of the control under which accounts of this level are approved, or need no approval."""
    return policy.name_of(Approval, level=level) or policy.name_of(Personal, level=level)


#: Somebody who may act for an office, and the absent holder they stand in for; None: they hold it.
Acting = tuple[int, int | None]


def impartial(
    people: Iterable[Acting], concerned: Collection[int], everybody: Iterable[Acting]
) -> list[Acting]:
    """Those of `people` who are not concerned, and stand in for nobody who is, not even in another office.

    `everybody`: all who may act in the matter. Somebody who holds an office themselves keeps it, even while
    they stand in for somebody concerned in another one.
    """
    standing_in = {person for person, deputy_for in everybody if deputy_for in concerned}
    return [
        (person, deputy_for)
        for person, deputy_for in people
        if person not in concerned and (deputy_for is None or person not in standing_in)
    ]


def not_asked(concerned: Collection[int], everybody: Sequence[Acting]) -> frozenset[int]:
    """Who is concerned, and who could act only in their stead."""
    free = {person for person, _ in impartial(everybody, concerned, everybody)}
    return frozenset(concerned) | ({person for person, _ in everybody} - free)


def _everybody(authority: Authority) -> tuple[Acting, ...]:
    return (*authority.holders, *authority.otherwise, *authority.climbed)


def _concerned(authority: Authority) -> frozenset[int]:
    return authority.under | {authority.requester_id}


def _free(authority: Authority, holders: tuple[Acting, ...]) -> list[Acting]:
    return impartial(holders, _concerned(authority), _everybody(authority))


def _first(authority: Authority) -> list[Acting]:
    """Who decides of the office that comes first.

    Where the requester holds that office of a school too, the others may work under them, though no roster
    says so: the office that steps in decides, as long as somebody there may.
    """
    free = _free(authority, authority.holders)
    own = authority.at_school and (authority.requester_id, None) in authority.holders
    return [] if own and _free(authority, authority.otherwise) else free


def barred(authority: Authority) -> tuple[int, ...]:
    """The requester first, who works under them, and who could decide only in the stead of one of these.

    Nobody of them is asked to decide.
    """
    asks = authority.requester_id
    return (asks, *sorted(not_asked(_concerned(authority), _everybody(authority)) - {asks}))


def offices_deciding(policy: Policy, level: str) -> tuple[Office, Office]:
    """The offices that decide on accounts of a level: the one, and the one that steps in.

    Where the policy approves none of that level any more, who keeps it decides what still waits.
    """
    approval = policy.first(Approval, level=level)
    keeps = policy.duties.keeps_policy
    decider, otherwise = (approval.decided_by, approval.otherwise) if approval else (keeps, keeps)
    return policy.office(decider), policy.office(otherwise)


class Decided(Protocol):
    """Of a request, what decides who decides."""

    @property
    def level(self) -> str: ...  # noqa: D102
    @property
    def school_id(self) -> int | None: ...  # noqa: D102


def deciding_office(request: Decided, policy: Policy, authority: Authority) -> RoleAt:
    """The office that decides today: the other steps in where the first has nobody who may."""
    decider, otherwise = offices_deciding(policy, request.level)
    return office_at(decider if _first(authority) else otherwise, request.school_id)


def may_decide(authority: Authority, person_id: int, policy: Policy, level: str) -> int | None:
    """Whether a person may decide a request today; the person they deputize for, or None.

    Never the requester, who works under them, nor anybody in the stead of one of these. The office that steps
    in may decide only when the first has nobody who may, and an office to which it climbed, once it is asked.
    Raises NotAllowed naming the clause and who may.
    """
    decider, otherwise = offices_deciding(policy, level)
    cited = policy.cited(approving(policy, level))
    if person_id == authority.requester_id:
        raise NotAllowed(f"Nobody decides their own request{cited}: somebody else who holds the office must.")
    free = _first(authority)
    first = free or _free(authority, authority.otherwise)
    for holder, deputy_for in (*first, *_free(authority, authority.climbed)):
        if holder == person_id:
            return deputy_for
    who = f"the {decider.label}"
    if not free:
        who = f"the {otherwise.label}, because {who} is the requester, works with them or is nobody"
    raise NotAllowed(
        f"This request is decided by {who}{cited}: only who holds that office today may, or a deputy."
    )
