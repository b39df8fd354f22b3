"""What is asked before an account is live, as a list: what, whether it is so, and whose turn it is. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from policy.account_creation import privacy_lacks, who_reports
from policy.account_request import enough_administrators
from policy.authority import approving, office_at, offices_deciding
from policy.controls.administrators import Administrators
from policy.controls.attested import Attested
from policy.controls.custody import Custody
from policy.controls.display import SHOWN, UNSEEN, Display
from policy.controls.identify_owner import IdentifyOwner
from policy.custody import custody_lacks
from policy.gates import Gate, course_gates, lacking, text_gates
from policy.model import Policy
from schemas.facts import AccessFacts, AccountFacts
from schemas.language import later
from schemas.outcome import RoleAt
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind


class Part(StrEnum):
    """What is asked: of one person before access, or of the account."""

    GATE = "gate"
    NAMED = "named"
    ADMINISTRATORS = "administrators"
    REPORTED = "reported"
    CUSTODY = "custody"
    PRIVACY = "privacy"
    NOTICE = "notice"
    PROFILE = "profile"


#: In which order the parts can be met: those with one number side by side.
_ORDER = {
    Part.GATE: 1,
    Part.NAMED: 1,
    Part.ADMINISTRATORS: 2,
    Part.REPORTED: 3,
    Part.CUSTODY: 3,
    Part.PRIVACY: 3,
    Part.NOTICE: 4,
    Part.PROFILE: 4,
}

#: Each as half a sentence. `name`: whose access it is; `what`: the text or the course.
_SAID = {
    ItemKind.ACKNOWLEDGE_GUIDELINES: later("{name} reads “{what}” and says so"),
    ItemKind.ACCEPT_RESPONSIBILITY: later("{name} accepts “{what}”"),
    ItemKind.COMPLETE_COURSE: later("{name} completes the course “{what}”"),
    Part.NAMED: later("it is decided whether {name} administers it"),
    Part.ADMINISTRATORS: later("the administrators that its level needs have access"),
    Part.REPORTED: later("it is created on its platform, and reported by its administrator"),
    Part.CUSTODY: later("somebody else can reach it"),
    Part.PRIVACY: later("its privacy settings are attested"),
    Part.NOTICE: later("the page shows the notice"),
    Part.PROFILE: later("the profile shows name and position"),
}


@dataclass(frozen=True)
class Point:
    """One thing that is asked. `says`: half a sentence, with the fields of `_SAID`.

    `control`: the name of what asks for it. `turn`: who does it; people and offices. `person`: whose access
    it is about; `gate`: what that person does. `is_next`: everything that comes first is met.
    """

    part: Part
    control: str
    says: str
    met: bool
    turn: tuple[int | RoleAt, ...] = ()
    person: int | None = None
    gate: Gate | None = None
    what: str = ""
    is_next: bool = False


def until_live(
    account: AccountFacts,
    accesses: Iterable[AccessFacts],
    policy: Policy,
    today: date,
    *,
    profile_shown: Collection[str] | None = None,
) -> tuple[Point, ...]:
    """Everything that is asked until an account is live, in the order to do it.

    `profile_shown`: the controls for which it was seen there whose it is. An account is live without it; it
    is asked for with the notice all the same, so that nobody is asked for it afterwards.
    """
    points = [
        *(one for each in accesses for one in of_person(each, policy, today)),
        *of_account(account, policy, profile_shown=profile_shown),
    ]
    reached = min((_ORDER[one.part] for one in points if not one.met), default=0)
    return tuple(replace(one, is_next=not one.met and _ORDER[one.part] == reached) for one in points)


def of_person(access: AccessFacts, policy: Policy, today: date) -> tuple[Point, ...]:
    """What a person does before access to the account; nothing where the access has ended."""
    if access.state is AccessState.REVOKED:
        return ()
    if access.proposed_by_id is not None:
        decides = office_at(offices_deciding(policy, access.level)[0], access.school_id)
        control = approving(policy, access.level)
        said = _SAID[Part.NAMED]
        return (Point(Part.NAMED, control, said, False, (decides,), access.person_id),)
    left = lacking(access, policy, today)
    gates = (*text_gates(access, policy), *course_gates(access, policy))
    return tuple(
        Point(
            Part.GATE,
            gate.control,
            _SAID[gate.kind],
            gate not in left,
            (access.person_id,),
            access.person_id,
            gate,
            policy.course_by_id(gate.what).title if gate.kind is ItemKind.COMPLETE_COURSE else gate.what,
        )
        for gate in gates
    )


def of_account(
    account: AccountFacts, policy: Policy, *, profile_shown: Collection[str] | None = None
) -> tuple[Point, ...]:
    """What is asked of the account itself."""
    level = account.level
    with_access = [one for one in account.administrators if one.access_state is AccessState.GRANTED]
    waiting = tuple(
        one.candidate.person_id
        for one in account.administrators
        if one.access_state not in {AccessState.GRANTED, AccessState.REVOKED}
    )
    names_more = office_at(offices_deciding(policy, level)[0], account.school_id)
    granted = tuple(one.candidate for one in with_access)
    begun = account.state in {AccountState.LIVE, AccountState.SUSPENDED}
    reports = () if (first := who_reports(account)) is None else (first,)
    puts: Sequence[int | RoleAt] = [one.candidate.person_id for one in with_access] or reports
    sees = tuple(account.onlookers[:1]) if account.page_verdict in UNSEEN else ()

    def point(part: Part, control: str, turn: Sequence[int | RoleAt], *, met: bool) -> Point:
        return Point(part, control, _SAID[part], met, tuple(turn))

    found = [
        point(
            Part.ADMINISTRATORS, one.name, waiting or (names_more,), met=enough_administrators(one, granted)
        )
        for one in policy.applying(Administrators, level=level)
    ]
    reported = begun or account.reported_at is not None
    found.append(point(Part.REPORTED, approving(policy, level), reports, met=reported))
    if custody := policy.name_of(Custody, level=level):
        met = custody_lacks(account, policy) is None
        found.append(point(Part.CUSTODY, custody, reports, met=met))
    if privacy := policy.name_of(Attested, level=level):
        found.append(point(Part.PRIVACY, privacy, reports, met=not privacy_lacks(account, policy)))
    if shows := policy.name_of(Display, level=level):
        met = account.page_verdict in SHOWN
        found.append(point(Part.NOTICE, shows, (*puts, *sees), met=met))
    if profile_shown is not None:
        found += [
            point(Part.PROFILE, one.name, (*puts, *sees), met=one.name in profile_shown)
            for one in policy.applying(IdentifyOwner, level=level)
        ]
    return tuple(found)
