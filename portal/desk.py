"""What offices look after: the division's queue, a school; and being away."""

from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import ground, number, person
from portal.pages import page
from schemas.errors import NotAllowed
from tasks.accounts.listing import Wanted, list_accounts
from tasks.findings.listing import Asked, list_findings
from tasks.items.listing import list_owed
from tasks.mail.waiting import waiting_notices
from tasks.people.desks import desks, own_absences
from tasks.training.unmatched import unmatched_rows

_AT_MOST = 200


async def queue(request: Request) -> Response:
    """Everything that waits for somebody, the longest first; filters stay in the address."""
    here, me = ground(request), await person(request)
    policy, today = await here.policy(), await here.today()
    school, kind = request.query_params.get("school", ""), request.query_params.get("kind", "")
    async with here.store.read() as session:
        if not (await desks(session, policy, me.person, here.now())).queue:
            office = policy.label(policy.duties.keeps_policy)
            raise NotAllowed(f"The queue is read by the {office}. What waits for you is on your own page.")
        everything = await list_owed(session, policy, today, school=school or None)
        parked = [one for one in await waiting_notices(session) if one.state == "parked"]
    unmatched = await unmatched_rows(here.store)
    shown = [one for one in everything if not kind or one.kind == kind]
    counts: dict[str, int] = {}
    for one in everything:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return await page(
        request,
        "queue.html",
        items=shown[:_AT_MOST],
        in_all=len(shown),
        kinds=[
            (
                name,
                count,
                urlencode({key: word for key, word in (("kind", name), ("school", school)) if word}),
            )
            for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        ],
        kind=kind,
        school=school,
        parked=parked,
        unmatched=unmatched,
        late=sum(one.days_late > 0 for one in shown),
    )


async def school(request: Request) -> Response:
    """One school: what waits, its accounts, what was found."""
    here, me, which = ground(request), await person(request), number(request)
    policy, today = await here.policy(), await here.today()
    async with here.store.read() as session:
        mine = await desks(session, policy, me.person, here.now())
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
    Route("/queue", queue),
    Route("/schools/{number}", school),
    Route("/away", away),
]
