"""Every act that somebody might do, subject by subject; and the page after one was done."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.notices.words import with_days
from portal.ahead import ahead_of_own
from portal.asking import ground, local_path, person
from portal.doing import LONGEST_KEY
from portal.fields import has_page
from portal.kept import recorded
from portal.naming import named
from portal.pages import page
from portal.saying import on_page
from schemas.language import later, t
from tasks.acts.act import Act
from tasks.acts.table import ACTS, titled
from tasks.items.step import Step, own_steps
from tasks.people.desks import may_ever

#: The subjects of acts by their room, as a page calls them and in its order.
_SUBJECTS: Mapping[str, str] = {
    "requests": later("Asking for an account"),
    "monitoring": later("Looking after accounts"),
    "accounts": later("Accounts and who administers them"),
    "access": later("Before access"),
    "training": later("Courses"),
    "credentials": later("Passwords and lists of administrators"),
    "privacy": later("Privacy settings"),
    "pages": later("What pages show"),
    "guidance": later("Advice"),
    "public": later("The public: questions, corrections, what is taken down"),
    "leave": later("Leave"),
    "contacts": later("When a student tries to reach you"),
    "incidents": later("When something was broken"),
    "suspension": later("Suspending and bringing back"),
    "stops": later("Emergencies"),
    "inventory": later("Lists of accounts, and pages nobody approved"),
    "people": later("People, offices and schools"),
    "brakes": later("What the brake holds"),
    "adoption": later("The policy"),
    "store": later("How it runs"),
}


@cache
def _loaded() -> Mapping[str, Act[Any, Any]]:
    """Every act that has a page."""
    return {name: one.load() for name, one in ACTS.items() if has_page(name)}


async def every(request: Request) -> Response:
    """All that who asks might do, subject by subject, with a line on each."""
    here, me = ground(request), await person(request)
    policy, rules = await here.policy(), {name: act.who for name, act in _loaded().items()}
    async with here.store.read() as session:
        offered = await may_ever(session, policy, me.person, here.now(), rules)
    groups: dict[str, list[tuple[str, str, str]]] = {title: [] for title in _SUBJECTS.values()}
    for name in _loaded():
        if name in offered:
            subject = ACTS[name].target.split(".")[1]
            title = _SUBJECTS.get(subject, _SUBJECTS["store"])
            groups[title].append((name, t(ACTS[name].line), t(titled(name))))
    return await page(
        request,
        "acts.html",
        groups=[(t(title), acts) for title, acts in groups.items() if acts],
        more=len(offered) < len(rules),
    )


async def done(request: Request) -> Response:
    """It was recorded. Opened again, the page says the same and does nothing."""
    me = await person(request)
    name, key = request.query_params.get("act", ""), request.query_params.get("key", "")
    if name not in ACTS or await recorded(request, name, key) is None:  # the address alone says nothing
        raise HTTPException(404)
    kind, number = request.query_params.get("kind", ""), request.query_params.get("number", "")
    back = local_path(request.query_params.get("back"))
    is_request = kind == "request" and name == "ask-for-an-account"
    return await page(
        request,
        "done.html",
        ahead=await ahead_of_own(request, number) if is_request else None,
        says=await named(
            request,
            with_days(
                on_page(ground(request).said(f"{me.person}/{key[:LONGEST_KEY]}"), ACTS[name].load().form)
            ),
        ),
        what=t(titled(name)),
        kind=kind if kind in {"account", "request"} and number.isascii() and number.isdecimal() else "",
        number=number,
        back="/" if back.startswith("/steps/") else back,  # that step is done by now
        onward=t(_onward(back)),
        upcoming=await _upcoming(request, back),
    )


#: What a page is called to which somebody goes back after an act, by how its address begins.
_PLACES: Mapping[str, str] = {
    "/accounts/": later("To the account"),
    "/accounts": later("To the accounts"),
    "/requests/": later("To the request"),
    "/requests": later("To what you asked for"),
    "/incidents/": later("To the report"),
    "/contacts/": later("To the contact report"),
    "/schools/": later("To the school"),
    "/queue": later("To what waits"),
    "/month": later("To your month"),
    "/away": later("To when you are away"),
    "/stops": later("To the stopped accounts"),
    "/policy": later("To the policy file"),
    "/year": later("To the coming months"),
}


def _onward(back: str) -> str:
    """Where the button of the page leads, in words."""
    if back == "/" or back.startswith("/steps/"):
        return later("To your own page")
    return next(
        (says for begin, says in _PLACES.items() if back.startswith(begin)), later("Back to the page before")
    )


async def _upcoming(request: Request, back: str) -> Step | None:
    """What waits next for who came from a step; None for who came from elsewhere."""
    if not back.startswith("/steps/"):
        return None
    here, me = ground(request), await person(request)
    policy, today = await here.policy(), await here.today()
    async with here.store.read() as session:
        steps = await own_steps(session, policy, me.person, today, now=here.now())
    return next((one for one in steps if back != f"/steps/{one.owed.item}" and not one.recorded), None)


ROUTES = [
    Route("/acts", every),
    Route("/done", done),
]
