"""For everybody: report an account that only seems to be ours, or something wrong at one that is."""

from functools import partial

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.verifying import LONGEST, Answer
from portal.asking import anybodys_form, ground
from portal.errors import error_page, status_of
from portal.language import said_anew
from portal.pages import go_to, page
from portal.public import kept
from portal.saying import in_page_words
from portal.sign_in.limits import client, limit
from schemas.errors import AlreadyDone, BadInput, NotNow, StewardError, StoreUnavailable
from schemas.forms import read
from schemas.language import t
from tasks.acts.from_public import from_public
from tasks.inventory.pages import PageReportForm, note_page
from tasks.public.corrections import MisleadingForm, note_misleading

#: From one network within an hour: reports that are thanked for, and all that are sent.
_AN_HOUR, TRIES = 5, 40
_FIELDS = ("what", "address", "account", "says")
_ANYBODY = "somebody of the public"


async def report(request: Request) -> Response:
    """The form, and thanks. Nobody is asked who they are."""
    if request.method != "POST":
        given = {name: request.query_params.get(name, "")[:LONGEST] for name in _FIELDS}
        return await _form(request, given, thanks="thanks" in request.query_params)
    sent, here = await anybodys_form(request), ground(request)
    given = {name: str(sent.get(name) or "").strip() for name in _FIELDS}
    if sent.get("language"):
        return await said_anew(request, sent, partial(_form, request, given))
    network, now = client(request), here.now()
    taken = limit(request, "reports", _AN_HOUR)
    tried = limit(request, "reports tried", TRIES)
    if not tried.allows(network, now) or not taken.allows(network, now):
        return await error_page(
            request,
            429,
            t("Several were reported from this network within the hour: try again later or call the office."),
        )
    try:
        await _note(request, given)
    except (StoreUnavailable, AlreadyDone) as error:
        if isinstance(error, StoreUnavailable):
            raise
    except StewardError as error:  # whatever is thanked for counts: nobody learns by it what is known already
        taken.give_back(network)
        return await _form(request, given, error=error)
    return go_to("/report?thanks=1", BackgroundTask(here.relay_now))


async def _note(request: Request, given: dict[str, str]) -> None:
    """Raises BadInput, NotNow beyond the limit, AlreadyDone where it is known."""
    here = ground(request)
    policy, now = await here.policy(), here.now()
    register = await kept(request).register(here)
    if given["what"] == "wrong":
        about = register.asked(given["account"] or given["address"])
        if given["account"] and not about.found:
            raise BadInput("This account is not on our list: leave it out, or report it as one of others.")
        values = {"account": _only(about), "address": given["address"] or None, "says": given["says"]}
        form_of = read(MisleadingForm, {"actor": _ANYBODY, **values})
        await from_public(here.store, policy, form_of, note_misleading, now=now)
        return
    if register.asked(given["address"]).found:
        raise BadInput("This account is ours. If something at it is wrong, choose that above.")
    page_form = read(PageReportForm, {"actor": _ANYBODY, "address": given["address"], "says": given["says"]})
    try:
        await from_public(here.store, policy, page_form, note_page, now=now)
    except NotNow:
        raise
    except BadInput:  # one of ours that the public does not see yet: that is nobody's to know
        return


def _only(about: Answer) -> int | None:
    return about.found[0].number if len(about.found) == 1 else None


async def _form(
    request: Request, given: dict[str, str], *, error: StewardError | None = None, thanks: bool = False
) -> Response:
    return await page(
        request,
        "report.html",
        status=status_of(error) if error else 200,
        given=given,
        error=in_page_words(error) if error else "",
        thanks=thanks,
    )


ROUTES = [Route("/report", report, methods=["GET", "POST"])]
