"""The facts of a request, and who may decide it."""

from dataclasses import dataclass
from datetime import date

from policy.authority import office_at, offices_deciding
from policy.model import Policy
from schemas.accounts import AccountRequest
from schemas.facts import Authority, RequestFacts
from schemas.outcome import Subject
from schemas.states import RequestState
from schemas.words import CustodyMode, ItemKind, SubjectKind
from tasks.store.candidates import Group, candidates
from tasks.store.climbed import climbed_to
from tasks.store.holders import Holder, holders
from tasks.store.lookup import by_id
from tasks.store.same import same_handles
from tasks.store.session import Session
from tasks.store.supervisors import people_under


async def request_facts(
    session: Session, request_id: int, policy: Policy, today: date
) -> tuple[AccountRequest, RequestFacts]:
    """The row and its facts. Raises Unknown."""
    row = await by_id(session, AccountRequest, request_id)
    named: list[int] = row.wish["administrators"]
    group = Group(tuple(named), row.level, row.school_id, None)
    (people,) = await candidates(session, (group,), policy, today)
    same = (await same_handles(session, (row,)))[request_id]
    return row, RequestFacts(
        id=request_id,
        state=RequestState(row.state),
        version=row.version,
        revision=row.revision,
        state_since=row.state_since,
        requester_id=row.requester_id,
        level=row.level,
        channel=row.channel,
        platform=row.platform,
        handle=row.handle,
        handle_taken=same.account is not None,
        school_id=row.school_id,
        purpose=row.wish["purpose"],
        audience=row.wish["audience"],
        tools_considered=tuple(tool for tool in row.wish["tools_considered"]),
        why_not=row.wish["why_not"],
        administrators=tuple(people[one] for one in dict.fromkeys(named)),
        custody=CustodyMode(row.wish["custody"]),
        same_asked_for=same.requests,
    )


@dataclass(frozen=True)
class Wanted:
    """Of a request, what decides who decides. `id`: 0 for one that is not recorded."""

    id: int
    level: str
    school_id: int | None
    requester_id: int

    @classmethod
    def of(cls, request: AccountRequest) -> "Wanted":
        """Of one that is recorded."""
        return cls(request.id or 0, request.level, request.school_id, request.requester_id)


async def authority(
    session: Session, request: RequestFacts | Wanted, policy: Policy, today: date
) -> Authority:
    """Who may decide this request on `today`; nobody is needed for a personal account."""
    if policy.level(request.level).at == "person":
        return Authority(request.requester_id, (), ())
    decider, otherwise = offices_deciding(policy, request.level)
    asked = await holders(session, office_at(decider, request.school_id), today)
    steps_in = await holders(session, office_at(otherwise, request.school_id), today)
    about = Subject(SubjectKind.REQUEST, request.id)
    climbed = await climbed_to(session, policy, ItemKind.DECIDE_REQUEST, about, request.school_id)
    late = [one for office in climbed for one in await holders(session, office, today)]
    asks = request.requester_id
    return Authority(
        asks,
        tuple(_stands(one, asks) for one in asked),
        tuple(_stands(one, asks) for one in steps_in),
        tuple(_stands(one, asks) for one in late),
        under=await people_under(session, asks),
        at_school=decider.at == "school",
    )


def _stands(one: Holder, requester_id: int) -> tuple[int, int | None]:
    """A person, and whom they stand in for: the requester, where they do so for anybody on the way."""
    return one.person_id, requester_id if requester_id in one.through else one.deputy_for
