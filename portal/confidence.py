"""What few may see: contact reports, and reports of what was broken. To all others there is no such page."""

from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.model import Policy
from portal.asking import form, ground, number, person
from portal.doing import hand_in
from portal.pages import page
from portal.saying import on_page
from schemas.language import later, t
from schemas.states import IncidentState
from tasks.contacts.reading import SharedContact, contacts_for
from tasks.incidents.reading import IncidentRead, incident_for, incidents_for

_OPEN = {IncidentState.REPORTED, IncidentState.HEARD, IncidentState.TO_DECIDE, IncidentState.APPEALED}
_OFFICE = {
    IncidentState.REPORTED: (
        (later("Take it on: the person is heard"), "take-a-report-on"),
        (later("Dismiss it"), "dismiss-a-report"),
    ),
    IncidentState.TO_DECIDE: ((later("Decide"), "decide-on-a-report"),),
    IncidentState.APPEALED: ((later("Decide the appeal"), "decide-an-appeal"),),
}
_CONCERNED = {
    IncidentState.HEARD: ((later("Say what happened"), "answer-a-report"),),
    IncidentState.DECIDED: ((later("Appeal, once"), "appeal-a-decision"),),
}
_OUTSIDE = (later("Note what others imposed"), "note-an-outside-sanction")
_KNOWN = {IncidentState.TO_DECIDE, IncidentState.DECIDED, IncidentState.APPEALED, IncidentState.CLOSED}


async def contacts(request: Request) -> Response:
    """The contact reports that one may see."""
    return await page(request, "contacts.html", found=await _contacts(request))


async def _contacts(request: Request) -> list[SharedContact]:
    here, me = ground(request), await person(request)
    policy = await here.policy()
    async with here.store.read() as session:
        return list(await contacts_for(session, policy, me.person, here.now()))


async def contact(request: Request) -> Response:
    """One report: to read it is recorded, so that it takes a button. What it says is kept nowhere else."""
    which = number(request)
    if request.method == "POST":
        await form(request)
    one = next((one for one in await _contacts(request) if one.report == which), None)
    if one is None:
        raise HTTPException(404)
    said, after = "", None
    if request.method == "POST":
        done, after = await hand_in(request, "look-at-a-contact-report", {"report": which}, "")
        said = on_page(done.says)
    return await page(request, "contact.html", one=one, said=said, after=after, confidential=True)


async def incidents(request: Request) -> Response:
    """The reports that one decides, made, or that are about oneself."""
    here, me = ground(request), await person(request)
    policy = await here.policy()
    async with here.store.read() as session:
        found = await incidents_for(session, policy, me.person, here.now())
    return await page(request, "incidents.html", found=found, open=_OPEN, broken=partial(_broken, policy))


async def incident(request: Request) -> Response:
    """One report, as far as who asks may read it, and what they do with it now."""
    here, me, which = ground(request), await person(request), number(request)
    policy, today = await here.policy(), await here.today()
    async with here.store.read() as session:
        one = await incident_for(session, policy, me.person, which, here.now())
    if one is None:
        raise HTTPException(404)
    over = one.appeal_by is None or one.appeal_by < today
    return await page(
        request, "incident.html", one=one, does=_does(one, over=over), broken=partial(_broken, policy)
    )


def _broken(policy: Policy, rule: str) -> str:
    """What was broken: a clause with the name of its document, anything else as it is called."""
    return f"{policy.document.id}, {rule}" if any(one.id == rule for one in policy.clauses) else rule


def _does(one: IncidentRead, *, over: bool) -> list[tuple[str, str]]:
    """What the reader may do now: label and act. `over`: an appeal is not possible any more."""
    found: list[tuple[str, str]] = []
    if one.concerned and not (over and one.state is IncidentState.DECIDED):
        found += _CONCERNED.get(one.state, ())
    if one.decides:
        found += _OFFICE.get(one.state, ())
        found += [_OUTSIDE] if one.state in _KNOWN else []
    return [(t(label), act) for label, act in found]


ROUTES = [
    Route("/contacts", contacts),
    Route("/contacts/{number}", contact, methods=["GET", "POST"]),
    Route("/incidents", incidents),
    Route("/incidents/{number}", incident),
]
