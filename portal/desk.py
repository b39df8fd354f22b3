"""What offices look after: a school; and being away."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import ground, looks_after, number, person
from portal.pages import page
from schemas.errors import BadInput, NotAllowed
from schemas.states import AccountState
from tasks.accounts.listing import Wanted, list_accounts
from tasks.findings.listing import Asked, list_findings
from tasks.findings.overview import SchoolStanding, list_schools
from tasks.items.listing import list_owed
from tasks.items.step import in_words
from tasks.people.desks import own_absences
from tasks.people.picks import division_number, schools_to_pick

_AT_MOST, _MOST = 200, 1000


async def school(request: Request) -> Response:
    """One school: what waits, its accounts, what was found."""
    here, mine, which = ground(request), await looks_after(request), number(request)
    policy, today = await here.policy(), await here.today()
    async with here.store.read() as session:
        name = dict(mine.schools).get(which)
        if name is None and not mine.queue:
            raise HTTPException(404)
        of_no_school = mine.queue and which == await division_number(session)
        accounts = await list_accounts(session, Wanted(school=str(which), or_none=of_no_school), None)
        waiting = await list_owed(session, policy, today, school=str(which))
        asks = await in_words(session, policy, waiting)
        found = await list_findings(session, Asked(school_id=which, or_no_school=of_no_school), _AT_MOST)
    in_use = [one for one in accounts.rows if one.state not in {"closed", "withdrawn"}]
    return await page(
        request,
        "school.html",
        name=name or next((one.school_name for one in accounts.rows), None) or f"School {which}",
        accounts=in_use,
        ended=len(accounts.rows) - len(in_use),
        open=waiting,
        asks=asks,
        found=found.rows,
        titles={one.control: policy.why(one.control) for one in found.rows},
    )


async def _may_list(request: Request) -> None:
    if not (await looks_after(request)).queue:
        policy = await ground(request).policy()
        office = policy.label(policy.duties.keeps_policy)
        raise NotAllowed(f"This list is read by the {office}. What is yours is on your own page.")


async def schools(request: Request) -> Response:
    """Every school, with how many accounts are live there and what is to be mended."""
    await _may_list(request)
    policy = await ground(request).policy()
    async with ground(request).store.read() as session:
        every = await schools_to_pick(session)
        division = await division_number(session)
        standing = {one.number: one for one in await list_schools(session, _MOST)}
    own = standing.get(None)  # of no school: they are the division's
    rows = [
        Row(number, name, *_counted(standing.get(number), own if number == division else None))
        for number, name in every
    ]
    if own is not None and division is None:
        rows.insert(0, Row(None, policy.organization.name, *_counted(own)))
    return await page(request, "schools.html", schools=rows)


@dataclass(frozen=True)
class Row:
    """A school as a line of the list. `number` is None for the division that no roster has as a school."""

    number: int | None
    name: str
    live: int
    findings: int


def _counted(*standing: SchoolStanding | None) -> tuple[int, int]:
    its = [one for one in standing if one is not None]
    return sum(one.live for one in its), sum(one.findings for one in its)


async def accounts(request: Request) -> Response:
    """Every account, of one state or with a part of a handle; filters stay in the address."""
    await _may_list(request)
    state, q = request.query_params.get("state", ""), request.query_params.get("q", "").strip()
    if state not in {"", *AccountState}:
        raise BadInput("There is no such page: look for it from your own page.")
    async with ground(request).store.read() as session:
        found = await list_accounts(session, Wanted(state=state or None, handle=q or None), _AT_MOST)
    return await page(
        request,
        "accounts.html",
        rows=found.rows,
        in_all=found.in_all,
        state=state,
        states=[one.value for one in AccountState],
        q=q,
    )


async def away(request: Request) -> Response:
    """One's own absences, and what is done about them."""
    here, me = ground(request), await person(request)
    today = await here.today()
    async with here.store.read() as session:
        absences = await own_absences(session, me.person, today)
    return await page(request, "away.html", absences=absences, today=today)


ROUTES = [
    Route("/schools", schools),
    Route("/schools/{number}", school),
    Route("/accounts", accounts),
    Route("/away", away),
]
