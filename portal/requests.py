"""Requests: one with its answers, and the page on which it is decided."""

from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import form, ground, local_path, number, person
from portal.doing import hand_in, new_key
from portal.errors import status_of
from portal.kept import keep_form
from portal.language import said_anew
from portal.pages import go_to, page
from portal.saying import in_page_words
from schemas.errors import NotNow, StewardError, StoreUnavailable
from schemas.language import later
from schemas.states import RequestState
from schemas.words import Verdict
from tasks.ahead import ahead_of_request
from tasks.requests.listing import list_requests, show_request
from tasks.requests.reading import reading

_AT_MOST = 50
_LABELS = {
    Verdict.APPROVE: later("Approve: the account may be made"),
    Verdict.SEND_BACK: later("Send back: something is to be completed"),
    Verdict.DECLINE: later("Decline: there will be no such account"),
}
#: The verdicts, each as its button says it.
SAID = [(one.value, label) for one, label in _LABELS.items()]


async def new(request: Request) -> Response:
    """Ask for an account."""
    await person(request)
    return go_to("/acts/ask-for-an-account")


async def own(request: Request) -> Response:
    """What one has asked for, the newest first: what has ended stays to be seen."""
    here, me = ground(request), await person(request)
    policy = await here.policy()
    async with here.store.read() as session:
        found = await list_requests(session, requester=me.person, at_most=_AT_MOST)
    rows = [(one, policy.says_account(one.platform, one.handle)) for one in found.rows]
    return await page(request, "requests.html", rows=rows, zone=policy.zone)


async def again(request: Request) -> Response:
    """Mend a request that was sent back: its answers, and what is missing."""
    here, me, which = ground(request), await person(request), number(request)
    await form(request)
    policy = await here.policy()
    async with here.store.read() as session:
        mine = await reading(session, policy, me.person, which, here.now())
        if mine is None or not mine.asked_for_it:
            raise HTTPException(404)
        was = await show_request(session, which)
    typed = {
        "again": [str(which)],
        "school": [was.school_name or ""],
        "administrators": [str(one.person) for one in was.administrators],
        "tools_considered": list(was.tools_considered),
        **{
            name: [str(getattr(was, name) or "")]
            for name in (
                "level",
                "channel",
                "platform",
                "handle",
                "purpose",
                "audience",
                "why_not",
                "custody",
            )
        },
    }
    key, back = new_key(), f"/requests/{which}"
    return await keep_form(
        request, "ask-for-an-account", key, typed, back, f"/acts/ask-for-an-account?key={key}&check=1"
    )


async def show(request: Request) -> Response:
    """The request, for who asked, who is named in it, who decides, and Communications."""
    return await _page(request, "request.html")


async def decide(request: Request) -> Response:
    """Everything that the decision needs, and the decision."""
    if request.method != "POST":
        return await _page(request, "decide.html")
    which, typed = number(request), await form(request)
    names = ("verdict", "reason", "revision", "training_required")
    values = {name: str(typed[name]) for name in names if typed.get(name)}
    if typed.get("language"):
        return await said_anew(request, typed, partial(_page, request, "decide.html", typed=values))
    try:
        await _still_open(request, which, str(typed.get("key") or ""))
        _, after = await hand_in(
            request, "decide-a-request", {**values, "request": which}, str(typed.get("key") or "")
        )
    except StoreUnavailable:
        raise
    except StewardError as error:
        return await _page(request, "decide.html", error=error, typed=values)
    back = local_path(str(typed.get("back") or ""))
    return go_to(back if back != "/" else f"/requests/{which}?decided=1", after)


async def _still_open(request: Request, which: int, key: str) -> None:
    """Raises NotNow, with who was first, before anything that was typed is looked at."""
    here, me = ground(request), await person(request)
    async with here.store.read() as session:
        if await reading(session, await here.policy(), me.person, which, here.now()) is None:
            raise HTTPException(404)
        shown = await show_request(session, which)
    if (
        shown.state != RequestState.AWAITING_DECISION
        and shown.decisions
        and not here.said(f"{me.person}/{key}")
    ):
        last = shown.decisions[-1]
        if last.decided_by == me.person:
            raise NotNow("You decided it already.", shown=f"You decided it already: {last.verdict}.")
        raise NotNow(
            "Somebody decided it before you.",
            shown=f"{last.decided_by_name} decided it before you: {last.verdict}.",
        )


async def _page(
    request: Request, template: str, *, error: StewardError | None = None, typed: dict[str, str] | None = None
) -> Response:
    here, me, which = ground(request), await person(request), number(request)
    policy = await here.policy()
    async with here.store.read() as session:
        what = await reading(session, policy, me.person, which, here.now())
        if what is None:
            raise HTTPException(404)
        shown = await show_request(session, which)
        ahead = await ahead_of_request(session, policy, which, here.now())
    return await page(
        request,
        template,
        status=status_of(error) if error else 200,
        error=in_page_words(error) if error else "",
        typed=typed or {},
        asked=shown,
        reading=what,
        ahead=ahead,
        just_decided="decided" in request.query_params
        and any(
            one.decided_by == me.person for one in shown.decisions[-1:]
        ),  # the address alone says nothing
        called=policy.says_account(shown.platform, shown.handle),
        level=policy.label(shown.level),
        verdicts=SAID,
        zone=policy.zone,
        key=new_key(),
    )


ROUTES = [
    Route("/requests", own),
    Route("/requests/new", new),
    Route("/requests/{number}", show),
    Route("/requests/{number}/again", again, methods=["POST"]),
    Route("/decide/{number}", decide, methods=["GET", "POST"]),
]
