"""What offices look after: a school; and being away."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import ground, looks_after, number, person
from portal.pages import page
from tasks.accounts.listing import Wanted, list_accounts
from tasks.findings.listing import Asked, list_findings
from tasks.items.listing import list_owed
from tasks.people.desks import own_absences

_AT_MOST = 200


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
        found = await list_findings(session, Asked(school_id=which), _AT_MOST)
    in_use = [one for one in accounts.rows if one.state not in {"closed", "withdrawn"}]
    return await page(
        request,
        "school.html",
        name=name or next((one.school_name for one in accounts.rows), None) or f"School {which}",
        accounts=in_use,
        ended=len(accounts.rows) - len(in_use),
        open=waiting,
        found=found.rows,
        titles={one.control: policy.why(one.control) for one in found.rows},
    )


async def away(request: Request) -> Response:
    """One's own absences, and what is done about them."""
    here, me = ground(request), await person(request)
    today = await here.today()
    async with here.store.read() as session:
        absences = await own_absences(session, me.person, today)
    return await page(request, "away.html", absences=absences, today=today)


ROUTES = [
    Route("/schools/{number}", school),
    Route("/away", away),
]
