"""One's own page: today's check-in in one press, what waits, one's accounts."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.controls.look import Look
from portal import accounts, act_list, acts, requests, steps
from portal.asking import as_signed_in, form, ground, looks_after, person
from portal.doing import hand_in, new_key
from portal.errors import error_page, status_of
from portal.kept import DRAFTS_SHOWN, drop_form, wanted_drafts
from portal.naming import OF_ACCOUNTS, named, names
from portal.pages import go_to, page
from portal.saying import in_page_words
from schemas.errors import StewardError, StoreUnavailable
from schemas.language import t
from tasks.accounts.own import own_accounts
from tasks.acts.table import ACTS, titled
from tasks.ahead import coming_of
from tasks.items.step import own_steps
from tasks.monitoring.covering import looks_instead
from tasks.people.desks import own_absences

#: So many of what one asked for are shown with what is left; all of them have a page of their own.
_MOST_COMING = 5


async def first(request: Request) -> Response:
    """What is mine, the most pressing first."""
    here = ground(request)
    policy, today = await here.policy(), await here.today()
    async with as_signed_in(request) as (session, me):
        instead = await looks_instead(session, policy, me.person, today) if policy.first(Look) else ()
        mine = await own_accounts(session, policy, me.person, today, instead)
        looked_after = await looks_after(request, session)
        waiting = await own_steps(session, policy, me.person, today, now=here.now())
        decides = looked_after.any_office or looked_after.schools  # somebody else does it for them now
        coming = await coming_of(session, policy, me.person, here.now(), _MOST_COMING)
        absences = await own_absences(session, me.person, today) if decides else ()
    to_check = [one for one in mine if one.to_check] if policy.first(Look) else []
    numbers = {str(one.account) for one in to_check}
    return await page(
        request,
        "own.html",
        accounts=mine,
        to_check=to_check,
        ticked={int(one) for one in request.query_params.getlist("accounts") if one in numbers},
        any_in_use=any(one.in_use for one in mine) and policy.first(Look) is not None,
        steps=[(one, steps.goes_to(one)) for one in waiting if not one.recorded],
        recorded=[one for one in waiting if one.recorded],
        coming=coming,
        today=today,
        away=[one for one in absences if one.starts_on <= today],
        desks=looked_after,
        key=new_key(),
        drafts=[
            (one, t(titled(one.act)), await _about(request, one.typed))
            for one in await wanted_drafts(request)
            if one.act in ACTS
        ],
        drafts_shown=DRAFTS_SHOWN,
        zone=policy.zone,
        just_done="done" in request.query_params,
        just_checked="checked" in request.query_params and not to_check,  # the address alone says nothing
    )


async def _about(request: Request, typed: Mapping[str, Sequence[str]]) -> str:
    """The accounts that a form under way is about; empty where it is about none."""
    platform, handle = ("".join(typed.get(one, ())) for one in ("platform", "handle"))
    if handle:
        policy = await ground(request).policy()
        return policy.says_account(platform, handle) if platform else handle
    numbers = [number for one in sorted(OF_ACCOUNTS) for number in typed.get(one, ())]
    return ", ".join((await names(request, numbers)).values())


async def check_in(request: Request) -> Response:
    """I looked at all of them today, or at those that are ticked."""
    typed = await form(request)
    chosen = [str(one) for one in typed.getlist("accounts") if one]
    values = {"everything": True} if typed.get("everything") else {"accounts": chosen}
    try:
        _, after = await hand_in(request, "check-in", values, str(typed.get("key") or ""))
    except StoreUnavailable:
        raise
    except StewardError as error:
        return await error_page(request, status_of(error), await named(request, in_page_words(error)))
    return go_to("/?checked=today", after)


async def drop(request: Request) -> Response:
    """A form that was begun is wanted no longer."""
    typed = await form(request)
    await person(request)
    await drop_form(request, str(typed.get("key") or ""))
    return go_to("/")


ROUTES = [
    Route("/", first),
    Route("/drop", drop, methods=["POST"]),
    Route("/check-in", check_in, methods=["POST"]),
    *steps.ROUTES,
    *act_list.ROUTES,
    *acts.ROUTES,
    *accounts.ROUTES,
    *requests.ROUTES,
]
