"""What waits in the division: done from the list itself, and the same decision on several at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from starlette.background import BackgroundTask
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.asking import as_signed_in, form, ground, local_path, looks_after, person
from portal.doing import before_it, hand_in, new_key
from portal.language import said_anew
from portal.matters import matters
from portal.pages import go_to, page
from portal.requests import SAID
from portal.saying import in_page_words, on_page
from portal.steps import buttons
from schemas.errors import BadInput, NotAllowed, StewardError, StoreUnavailable, Unknown
from schemas.language import t
from schemas.notices import NoticeState
from schemas.words import ItemKind, Verdict
from tasks.acts.consequences import Consequences
from tasks.items.listing import OpenOf, count_owed, list_owed, owed_by
from tasks.items.step import in_words, own_step
from tasks.mail.waiting import WaitingNotice, waiting_notices
from tasks.people.picks import schools_to_pick
from tasks.requests.listing import handed_in, rivals, show_request
from tasks.requests.reading import reading
from tasks.stops.listing import list_stops, refused_to
from tasks.store.session import Session
from tasks.training.unmatched import crowds, unmatched_in

#: So many are shown on a page, and so many are decided at once.
_A_PAGE, _AT_ONCE, _LONGEST_NUMBER = 30, 40, 9
#: So many schools are offered for the filter; of more, the name is typed: each look would carry all of them.
_SCHOOLS = 300
#: Where more are open than this, how many of each kind is some seconds old: counting them takes longer than
#: all else on the page.
_MANY, _GOOD_FOR = 2000, timedelta(seconds=10)
#: So many letters that could not leave are shown, and tried again at once.
_PARKED = 50
_NOTHING_OPENED: Mapping[str, Any] = {
    "opened": None,
    "asked": None,
    "reading": None,
    "buttons": (),
    "matters": (),
    "called": "",
    "level": "",
}


@dataclass(frozen=True)
class Decided:
    """One of several requests: what would happen, or why it is not possible."""

    request: str
    called: str
    expected: Consequences | None = None
    error: str = ""


async def _may_read(request: Request, session: Session | None = None) -> None:
    if not (await looks_after(request, session)).queue:
        policy = await ground(request).policy()
        office = policy.label(policy.duties.keeps_policy)
        raise NotAllowed(f"The queue is read by the {office}. What waits for you is on your own page.")


class Counted:
    """How many are open of each kind; where there are many, as it was a moment ago, for all who look."""

    def __init__(self) -> None:
        self._counts: Sequence[OpenOf] = ()
        self._until: datetime | None = None
        self._counting = asyncio.Lock()

    async def of(self, session: Session, today: date, now: datetime) -> Sequence[OpenOf]:
        """The most first. Where few are open, as they are at this moment."""
        async with self._counting:
            if self._until is None or not self._until - _GOOD_FOR <= now < self._until:
                self._counts = await count_owed(session, today)
                many = sum(one.count for one in self._counts) > _MANY
                self._until = now + _GOOD_FOR if many else None
            return self._counts


async def _counted(request: Request, session: Session) -> Sequence[OpenOf]:
    here, state = ground(request), request.app.state
    if not hasattr(state, "counted"):
        state.counted = Counted()
    found: Counted = state.counted
    return await found.of(session, await here.today(), here.now())


def _past(request: Request, in_all: int) -> int:
    """How many stand on the pages before; where there are fewer by now, the last page is shown."""
    asked = min(_number(request.query_params.get("past", "")), max(in_all - 1, 0))
    return asked - asked % _A_PAGE


def _number(given: str) -> int:
    """A number that was typed or stands in an address; 0, which nothing has, for anything else."""
    fits = given.isascii() and given.isdecimal() and len(given) <= _LONGEST_NUMBER
    return int(given) if fits else 0


async def queue(request: Request) -> Response:
    """What waits for who looks, or for anybody, the longest first; filters stay in the address."""
    return await _shown(request, FormData())


async def _shown(request: Request, typed: FormData) -> Response:
    """The queue, with what was ticked and typed for the same decision on several."""
    here = ground(request)
    policy, today = await here.policy(), await here.today()
    asked = {name: request.query_params.get(name, "") for name in ("kind", "school", "whose")}
    asked["school"] = str(typed.get("school", asked["school"]))
    if asked["kind"] not in {"", *ItemKind}:
        raise BadInput("There is no such page: look for it from your own page.")
    named, missing = asked["school"], ""
    async with as_signed_in(request) as (session, me):
        await _may_read(request, session)
        kind = asked["kind"] or None
        counts: Sequence[OpenOf] = ()
        if named:
            try:
                counts = await count_owed(session, today, school=named)
            except Unknown as error:  # it was mistyped: what else was typed stays
                missing, asked["school"] = in_page_words(error), ""
        own_alone, school = not any(asked.values()), asked["school"] or None
        counts = counts if school else await _counted(request, session)
        counted = [one for one in counts if kind in {None, one.kind}]
        own = await owed_by(session, me.person, today)
        in_all = len(own) if own_alone else sum(one.count for one in counted)
        past = _past(request, in_all)
        wanted = (
            {"items": own[past : past + _A_PAGE]}
            if own_alone
            else {"school": school, "kind": kind, "past": past}
        )
        shown = await list_owed(session, policy, today, at_most=_A_PAGE, **wanted)
        asks = await in_words(session, policy, shown)
        mine = set(own)
        parked = await waiting_notices(session, state=NoticeState.PARKED, at_most=_PARKED)
        schools = await schools_to_pick(session, _SCHOOLS)
        decides = [one.subject for one in shown if one.decides_request and one.item in mine]
        several = await handed_in(session, decides) if len(decides) > 1 else {}
        many, rest = crowds(await unmatched_in(session))
    filters = {name: word for name, word in asked.items() if word}
    at = {**filters, **({"past": past} if past else {})}
    back = f"/queue?{urlencode(at)}"
    number = _number(request.query_params.get("open", ""))
    opened = await _opened(request, back)
    if opened["asked"] is not None:  # one is decided alone: nothing is typed into two forms of a page
        several = {}
    return await page(
        request,
        "queue.html",
        status=404 if missing else 200,
        missing=missing,
        named=named,
        items=shown,
        asks=asks,
        in_all=in_all,
        past=past,
        step=_A_PAGE,
        everything=sum(one.count for one in counts),
        own=len(own),
        own_alone=own_alone,
        kinds=_kinds(counts, asked["school"]),
        kind=asked["kind"],
        school=asked["school"],
        schools=schools,
        mine=mine,
        several=several,
        parked=await _parked(request, parked),
        crowds=many,
        unmatched=rest,
        late=sum(one.late for one in counted),
        verdicts=SAID,
        zone=policy.zone,
        key=new_key(),
        back=back,
        query=urlencode(filters),
        done="done" in request.query_params,
        ticked={str(one) for one in typed.getlist("requests")},
        verdict=str(typed.get("verdict") or ""),
        reason=str(typed.get("reason") or ""),
        address=urlencode({**at, **({"open": number} if number else {})}),
        **opened,
    )


async def _parked(
    request: Request, parked: Sequence[WaitingNotice]
) -> Sequence[tuple[WaitingNotice, str, str]]:
    """Each letter that could not leave, its subject, and why. What writes letters is loaded for few."""
    if not parked:
        return ()
    here = ground(request)
    letters = await asyncio.to_thread(import_module, "tasks.mail.parked")
    policy, numbers = await here.policy(), [one.notice for one in parked[:_PARKED]]
    async with here.store.read() as session:
        found = await letters.subjects(session, policy, here.settings, numbers, here.now())
    untitled = t("A letter that can't be written")
    return [(one, found.get(one.notice, untitled), letters.why(one.last_error)) for one in parked[:_PARKED]]


def _kinds(counts: Sequence[OpenOf], school: str) -> list[tuple[str, int, str]]:
    """Each kind that waits, how often, and the address that shows it alone."""
    more = {"school": school} if school else {}
    return [(one.kind, one.count, urlencode({"kind": one.kind, **more})) for one in counts]


async def _opened(request: Request, back: str) -> Mapping[str, Any]:
    """The item that is done on this page: its buttons, or everything that the decision needs."""
    here, me = ground(request), await person(request)
    policy, today = await here.policy(), await here.today()
    number = _number(request.query_params.get("open", ""))
    if not number:
        return _NOTHING_OPENED
    async with here.store.read() as session:
        step = await own_step(session, policy, me.person, number, today)
        decides = step is not None and step.owed.decides_request
        asked = await show_request(session, step.owed.subject) if step and decides else None
        what = await reading(session, policy, me.person, asked.request, here.now()) if asked else None
    return {
        "opened": step,
        "asked": asked,
        "reading": what,
        "buttons": buttons(step, policy, back) if step else (),
        "matters": await matters(request, step, back) if step else (),
        "called": policy.says_account(asked.platform, asked.handle) if asked else "",
        "level": policy.label(asked.level) if asked else "",
    }


async def stops(request: Request) -> Response:
    """What was stopped in an emergency or suspended for a time, and what is to be confirmed by when."""
    if not (await looks_after(request)).any_office:
        raise NotAllowed("This page is read by offices. What waits for you is on your own page.")
    here, me = ground(request), await person(request)
    policy = await here.policy()
    async with here.store.read() as session:
        found = await list_stops(session, policy)
        why = await refused_to(session, policy, me.person, here.now(), found)
    refused = {number: on_page(sentence) for number, sentence in why.items()}
    waiting = [one for one in found if one.confirm_by is not None and one.account not in refused]
    return await page(request, "stops.html", found=found, waiting=waiting, refused=refused, zone=policy.zone)


async def decide_many(request: Request) -> Response:
    """The same decision on several requests: what would happen for each; then each is decided by itself."""
    sent = await form(request)
    await _may_read(request)
    if sent.get("language"):
        show = _for_many if sent.get("shown") else _shown  # pressed below what would happen
        return await said_anew(request, sent, partial(show, request, sent))
    if sent.get("narrow"):
        return await _narrowed(request, sent)
    return await _for_many(request, sent)


async def _for_many(request: Request, sent: FormData) -> Response:
    """What would happen for each; once that was confirmed, each is decided."""
    chosen = list(dict.fromkeys(str(one) for one in sent.getlist("requests")))[:_AT_ONCE]
    if not chosen:
        raise BadInput("Tick at least one request.")
    verdict, reason = str(sent.get("verdict") or ""), str(sent.get("reason") or "")
    key = str(sent.get("key") or new_key())
    confirmed = bool(sent.get("confirmed")) and not sent.get("language")
    here = ground(request)
    policy = await here.policy()
    async with here.store.read() as session:
        numbers = [_number(one.partition("/")[0]) for one in chosen]
        known = await handed_in(session, numbers)
        same = await rivals(session, numbers) if verdict == Verdict.APPROVE and not confirmed else {}
    results: list[Decided] = []
    for one in chosen:
        number, _, revision = one.partition("/")
        said = {"request": number, "verdict": verdict, "reason": reason, "revision": revision}
        row = known.get(_number(number))
        its = Decided(one, policy.says_account(row.platform, row.handle) if row else number)
        before = [int(other.request.partition("/")[0]) for other in results if not other.error]
        if first := next((other for other in before if other in same.get(_number(number), ())), None):
            why = t("Request {request} above is for the same handle: decide this one alone.", request=first)
            results.append(replace(its, error=why))
            continue
        results.append(await _decide(request, its, said, key if confirmed else ""))
    return await page(
        request,
        "decided.html",
        after=BackgroundTask(here.relay_now) if confirmed else None,
        results=results,
        confirmed=confirmed,
        possible=[one.request for one in results if not one.error],
        verdict=verdict,
        label=dict(SAID).get(verdict, verdict),
        reason=reason,
        key=key,
        back=local_path(str(sent.get("back") or "/queue")),
    )


async def _narrowed(request: Request, sent: FormData) -> Response:
    """The queue of one school. What was begun for several goes with it; without that, an address has it."""
    if any(sent.get(one) for one in ("requests", "verdict", "reason")):
        return await _shown(request, sent)
    kept = {one: request.query_params.get(one, "") for one in ("kind", "whose")}
    asked = {name: word for name, word in {**kept, "school": str(sent.get("school") or "")}.items() if word}
    return go_to(f"/queue?{urlencode(asked)}")


async def _decide(request: Request, one: Decided, said: Mapping[str, str], key: str) -> Decided:
    """Decide one of several, or without a key look at what would happen. Raises StoreUnavailable."""
    try:
        if key:
            await hand_in(request, "decide-a-request", said, f"{key}{said['request']}")
            return one
        return Decided(one.request, one.called, await before_it(request, "decide-a-request", said))
    except StoreUnavailable:
        raise
    except StewardError as error:
        return Decided(one.request, one.called, error=in_page_words(error))


ROUTES = [
    Route("/queue", queue),
    Route("/queue/decide", decide_many, methods=["POST"]),
    Route("/stops", stops),
]
