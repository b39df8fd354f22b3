"""A page for every act, made from its form: what it does, its fields, what would happen, and doing it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import form, ground, local_path, looks_after, person
from portal.doing import before_it, hand_in, new_key
from portal.errors import status_of
from portal.fields import fields, given, has_page, needs_picks, offers, values
from portal.pages import go_to, page
from portal.saying import in_page_words, on_page, who_may
from schemas.errors import StewardError, StoreUnavailable
from schemas.forms import ActForm
from schemas.language import later, said, t
from schemas.outcome import Subject
from tasks.accounts.reading import called
from tasks.acts.act import Act, described
from tasks.acts.table import ACTS, Entry, titled
from tasks.items.step import Step, own_steps
from tasks.people.desks import may_ever
from tasks.people.picks import Picks, picks

_LONGEST_NUMBER = 9
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


def _entry(request: Request) -> tuple[str, Entry]:
    name = str(request.path_params["name"])
    if not has_page(name):  # files come in by pages of their own, with the difference first
        raise HTTPException(404)
    return name, ACTS[name]


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


async def one(request: Request) -> Response:
    """The form of an act; then what would happen; then it is done."""
    await person(request)
    if (elsewhere := _elsewhere(request)) and request.method != "POST":
        return go_to(elsewhere)
    name, entry = _entry(request)
    act = entry.load()
    if request.method != "POST":
        back = local_path(request.query_params.get("back"))
        return await _form(request, name, act, given(request.query_params, act.form), new_key(), back)
    typed = await form(request)
    found, key, back = (
        given(typed, act.form),
        str(typed.get("key") or new_key()),
        local_path(str(typed.get("back") or "/")),
    )
    if typed.get("change"):
        return await _form(request, name, act, found, key, back)
    taken = values(found, act.form)
    try:
        if typed.get("confirmed"):
            done, after = await hand_in(request, name, taken, key)
            return go_to(f"/done?{_after(done.subject, name, key, back)}", after)
        expected = await before_it(request, name, taken)
    except StoreUnavailable:
        raise
    except StewardError as error:
        return await _form(request, name, act, found, key, back, error=error)
    shown = fields(act.form, await ground(request).policy(), found, await _offered(request, act.form))
    return await page(
        request,
        "confirm.html",
        name=name,
        title=t(titled(name)),
        account=await _account(request, found),
        answers=[(t(one.label), _said(one.options, one.value)) for one in shown if any(one.value)],
        hidden=[(field, word) for field, words in found.items() for word in words],
        expected=expected,
        says=on_page(expected.says, act.form),
        key=key,
        back=back,
    )


def _elsewhere(request: Request) -> str:
    """The page of its own that some acts have; empty for all others."""
    report = request.query_params.get("report", "")
    if str(request.path_params["name"]) not in {"list-contact-reports", "look-at-a-contact-report"}:
        return ""
    return f"/contacts/{report}" if report.isascii() and report.isdecimal() else "/contacts"


def _said(options: Sequence[tuple[str, str]], value: Sequence[str]) -> str:
    labels = dict(options)
    return ", ".join(
        t("yes") if one == "true" else t("no") if one == "false" else said(labels.get(one, one))
        for one in value
    )


async def _account(request: Request, typed: Mapping[str, Sequence[str]]) -> str:
    """What people call the account whose number stands in the form; empty where there is none."""
    number = "".join(typed.get("account", ()))
    if not number.isascii() or not number.isdecimal() or len(number) > _LONGEST_NUMBER:
        return ""
    here, me = ground(request), await person(request)
    policy = await here.policy()
    async with here.store.read() as session:
        return await called(session, policy, me.person, int(number), here.now())


def _after(subject: Subject, name: str, key: str, back: str) -> str:
    return urlencode(
        {"act": name, "kind": subject.kind.value, "number": subject.id, "key": key, "back": back}
    )


async def _offered(request: Request, form_of: type[ActForm]) -> Picks:
    """Whom and what the form offers; nothing is read for one that asks for neither."""
    if not needs_picks(form_of):
        return Picks()
    here, me, mine = ground(request), await person(request), await looks_after(request)
    policy = await here.policy()
    async with here.store.read() as session:
        return await picks(session, policy, me.person, mine)


async def _form(
    request: Request,
    name: str,
    act: Act[Any, Any],
    typed: Mapping[str, Sequence[str]],
    key: str,
    back: str,
    *,
    error: StewardError | None = None,
) -> Response:
    policy, offered = await ground(request).policy(), await _offered(request, act.form)
    shown = fields(act.form, policy, typed, offered)
    return await page(
        request,
        "act.html",
        status=status_of(error) if error else 200,
        name=name,
        title=t(titled(name)),
        account=await _account(request, typed),
        about=on_page(described(act), act.form),
        who=who_may(act.who.parts(policy)),
        clauses=act.clauses(policy).strip(" ()"),
        fields=shown,
        offers=offers(shown, offered),
        error=in_page_words(error, act.form) if error else "",
        key=key,
        back=back,
    )


async def done(request: Request) -> Response:
    """It was recorded. Opened again, the page says the same and does nothing."""
    me = await person(request)
    name = request.query_params.get("act", "")
    if name not in ACTS:
        raise HTTPException(404)
    kind, number = request.query_params.get("kind", ""), request.query_params.get("number", "")
    back = local_path(request.query_params.get("back"))
    return await page(
        request,
        "done.html",
        says=on_page(
            ground(request).said(f"{me.person}/{request.query_params.get('key', '')}"), ACTS[name].load().form
        ),
        what=t(titled(name)),
        kind=kind if kind in {"account", "request"} and number.isdecimal() else "",
        number=number,
        back="/" if back.startswith("/steps/") else back,  # that step is done by now
        upcoming=await _upcoming(request, back),
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
    Route("/acts/{name}", one, methods=["GET", "POST"]),
    Route("/done", done),
]
