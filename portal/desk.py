"""What offices look after: a school; and being away."""

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
from tasks.findings.overview import list_schools
from tasks.items.listing import list_owed
from tasks.items.step import in_words
from tasks.people.desks import own_absences
from tasks.people.picks import schools_to_pick

_AT_MOST, _MOST = 200, 1000


async def school(request: Request) -> Response:
    """One school: what waits, its accounts, what was found."""
    here, mine, which = ground(request), await looks_after(request), number(request)
    policy, today = await here.policy(), await here.today()
    async with here.store.read() as session:
        name = dict(mine.schools).get(which)
        if name is None and not mine.queue:
            raise HTTPException(404)
        accounts = await list_accounts(session, Wanted(school=str(which)), None)
        waiting = await list_owed(session, policy, today, school=str(which))
        asks = await in_words(session, policy, waiting)
        found = await list_findings(session, Asked(school_id=which), _AT_MOST)
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
    async with ground(request).store.read() as session:
        every = await schools_to_pick(session)
        standing = {one.number: one for one in await list_schools(session, _MOST)}
    return await page(
        request, "schools.html", schools=[(number, name, standing.get(number)) for number, name in every]
    )


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
