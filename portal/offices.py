"""What offices read of the whole: the clauses with their figures, and who did what."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.ledger import ClauseRow, ledger
from policy.model import Policy
from portal.asking import form, ground, looks_after, person
from portal.pages import page
from portal.saying import in_page_words
from schemas.errors import BadInput, ChainBroken, NotAllowed, NotNow, StewardError, StoreUnavailable
from schemas.language import later, said, t
from schemas.words import SubjectKind
from tasks.files.export import to_csv
from tasks.findings.evaluation import ControlCounts, look
from tasks.findings.history import end_of, policy_of, stood
from tasks.findings.overview import SchoolByControl, by_school_and_control
from tasks.store import left, lookup, verifying
from tasks.store.entries import Asked, Listed, called, list_entries

_SHOWN, _MOST_IN_A_FILE = 200, 20_000
_LONGEST = 254
#: How long the figures of the ledger may be shown.
_GOOD_FOR = timedelta(seconds=30)
_verifying = asyncio.Lock()
_FILTERS = {
    "person": later("Who did it, in whose name, or about whom"),
    "account": later("Account: number or handle"),
    "act": later("A part of what was done"),
    "since": later("From this day"),
    "until": later("Through this day"),
    "via": later("Through which door, such as web page"),
    "in_name_of": later("What a deputy did in this person's name"),
}


@dataclass(frozen=True)
class Figures:
    """How the accounts stood at an instant, by control, and by school."""

    policy: Policy
    at: datetime
    counts: Mapping[str, ControlCounts]
    schools: tuple[SchoolByControl, ...]


async def _may_read(request: Request) -> None:
    if not (await looks_after(request)).figures:
        policy = await ground(request).policy()
        may = " and the ".join(
            policy.label(one)
            for one in dict.fromkeys((policy.duties.keeps_policy, *policy.duties.gives_offices))
        )
        raise NotAllowed(f"This is read by the {may}. What is yours is on your own page.")


async def show_ledger(request: Request) -> Response:
    """Each clause: what holds it, what not yet, how many accounts hold it; and school by school.

    Today, or at the end of a day that is over, under the policy of that day.
    """
    await _may_read(request)
    today = await ground(request).today()
    day = _day(request.query_params.get("on", "").strip())
    past = day is not None and day != today
    figures = await _figures_of(request, day) if day is not None and past else await _figures(request)
    policy, schools = figures.policy, figures.schools
    rows = [(row, _counted(row, figures.counts)) for row in ledger(policy)]
    if request.url.path.endswith(".csv"):
        return _file(_ledger_csv(rows, policy), f"clauses-{day or today}.csv")
    standings = (later("served"), later("served in part"), later("not served yet"), later("left to people"))
    return await page(
        request,
        "ledger.html",
        rows=rows,
        today=today,
        day=day or today,
        past=past,
        at=figures.at.astimezone(policy.zone),
        title=policy.document.title,
        version=policy.document.version,
        standings=[
            (said(word), count)
            for word in standings
            if (count := sum(row.standing == word for row, _ in rows))
        ],
        controls=_columns(policy, schools),
        schools=schools,
        law=policy.laws,
    )


def _day(given: str) -> date | None:
    """A day as it was typed; None for none. Raises BadInput."""
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadInput("A day is written as 2026-11-26.") from None


async def _figures_of(request: Request, day: date) -> Figures:
    """How it stood at the end of a day. Raises BadInput for a day to come, Unknown, BadPolicy."""
    here = ground(request)
    used, today = await here.policy(), await here.today()
    async with here.store.read() as session:
        policy = await policy_of(session, used, day, today)
        found = await stood(session, policy, day, today)
    counts = {
        name: ControlCounts(name, one.held, one.violated or 0)
        for name, one in found.items()
        if one.held is not None
    }
    return Figures(policy, end_of(day, used, today), counts, ())


async def _figures(request: Request) -> Figures:
    """At most half a minute old: a statement for each control is much to ask at each look."""
    here, state = ground(request), request.app.state
    policy, now = await here.policy(), here.now()
    kept: Figures | None = getattr(state, "figures", None)
    if kept is None or kept.policy is not policy or not timedelta(0) <= now - kept.at < _GOOD_FOR:
        today = await here.today()
        async with here.store.read() as session:
            counts = {one.name: await look(session, one, policy, today) for one in policy.rules()}
            kept = Figures(policy, now, counts, await by_school_and_control(session))
        state.figures = kept
    return kept


def _counted(row: ClauseRow, counts: Mapping[str, ControlCounts]) -> tuple[int, int] | None:
    """How many hold it, and of how many: an account once for each control that speaks of it."""
    its = [counts[one.name] for one in row.clause.controls if one.name in counts]
    held = sum(one.held for one in its)
    return (held, held + sum(one.violated for one in its)) if its else None


def _columns(policy: Policy, schools: tuple[SchoolByControl, ...]) -> list[tuple[str, str, str]]:
    """The controls about which anything was found: name, clause, title."""
    found = {name for one in schools for name in one.findings}
    return [
        (one.name, policy.clause_of(one.name).id, policy.title_of(one.name))
        for one in policy.controls
        if one.name in found
    ]


def _ledger_csv(rows: list[tuple[ClauseRow, tuple[int, int] | None]], policy: Policy) -> bytes:
    headers = ("clause", "title", "asks", "standing", "held by", "missing", "hold", "of")
    return to_csv(
        headers,
        [
            (
                row.clause.id,
                row.clause.title,
                row.clause.asks,
                row.standing,
                ", ".join(policy.title_of(one.name) for one in row.controls) or row.clause.by_people,
                "; ".join(row.missing),
                *(counted or ("", "")),
            )
            for row, counted in rows
        ],
    ).encode("utf-8-sig")


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


async def show_audit(request: Request) -> Response:
    """Who did what, the newest first. The filters stand in the address.

    What was recorded of a report about who reads is left out: it would say who made it.
    """
    await _may_read(request)
    here = ground(request)
    policy = await here.policy()
    given = {name: request.query_params.get(name, "").strip()[:_LONGEST] for name in _FILTERS}
    verified, broken, error = "", "", ""
    if request.method == "POST":
        await form(request)
        verified, broken = await _verify(request)
    rows: tuple[Listed, ...] = ()
    named: Mapping[tuple[str, int], str] = {}
    in_all, as_file = 0, request.url.path.endswith(".csv")
    async with here.store.read() as session:
        head = await left.newest(session)
        try:

            async def number(of: str) -> int | None:
                return await lookup.person_id(session, of, must_be_active=False) if of else None

            asked = Asked(
                person=await number(given["person"]),
                account=(await lookup.account(session, given["account"])).id if given["account"] else None,
                act=given["act"] or None,
                since=_midnight(given["since"], policy.zone),
                until=_midnight(given["until"], policy.zone, after=True),
                via=given["via"] or None,
                in_name_of=await number(given["in_name_of"]),
                reader=(await person(request)).person,
            )
            found = await list_entries(session, asked, _MOST_IN_A_FILE if as_file else _SHOWN)
            rows, in_all = found.rows, found.in_all
            named = await called(session, policy, () if as_file else rows)
        except StoreUnavailable:
            raise
        except StewardError as raised:
            if as_file:
                raise
            error = in_page_words(raised)
    if as_file:
        names = [one.name for one in fields(Listed)]
        return _file(
            to_csv(names, (list(asdict(one).values()) for one in rows)).encode("utf-8-sig"), "audit.csv"
        )
    return await page(
        request,
        "audit.html",
        status=400 if error else 200,
        rows=rows,
        in_all=in_all,
        about=[_about(one, named, policy) for one in rows],
        given=given,
        query=urlencode({name: value for name, value in given.items() if value}),
        error=error,
        head=head,
        ways=t(" and ").join(said(one) for one in head.ways) if head else "",
        labels=[(name, t(label)) for name, label in _FILTERS.items()],
        zone=policy.zone,
        verified=verified,
        broken=broken,
    )


def _about(one: Listed, names: Mapping[tuple[str, int], str], policy: Policy) -> tuple[str, str]:
    """What an entry is about, in words, and the address of its page; empty where there is none."""
    number, kind = one.subject, one.subject_kind
    pages = {SubjectKind.ACCOUNT: "accounts", SubjectKind.REQUEST: "requests", SubjectKind.SCHOOL: "schools"}
    its = next((f"/{folder}/{number}" for one, folder in pages.items() if one == kind), "")
    if name := names.get((kind, number)):
        return name, its
    if not number:  # a rule has none: it is a control of the policy, or all of the store
        return policy.title_of(one.control), ""
    return f"{said(kind)} {number}", its


async def _verify(request: Request) -> tuple[str, str]:
    """Recompute the chain, one at a time: that it is whole, or what does not fit."""
    if _verifying.locked():
        raise NotNow("Somebody verifies the chain just now: look again in a minute.")
    async with _verifying:
        try:
            done = await verifying.examine(ground(request).store)
        except ChainBroken as raised:
            return "", in_page_words(raised)
    return f"Whole: {done.head.seq} entries, and {done.records} records that are as they say.", ""


def _midnight(given: str, zone: ZoneInfo, *, after: bool = False) -> datetime | None:
    """Where a day begins in a zone, or with `after` where it ends. Raises BadInput."""
    day = _day(given)
    if day is None:
        return None
    if day == date.max:
        raise BadInput("Give a day of this century.")
    return datetime.combine(day + timedelta(days=after), time(), zone)


ROUTES = [
    Route("/ledger", show_ledger),
    Route("/ledger.csv", show_ledger),
    Route("/audit", show_audit, methods=["GET", "POST"]),
    Route("/audit.csv", show_audit),
]
