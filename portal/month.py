"""Time: a principal's page of the month, and the months of the year with what falls due."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal import acts
from portal.asking import form, ground, looks_after, person
from portal.doing import new_key
from portal.pages import page
from portal.pictures import Bar, bars
from schemas.errors import NotAllowed
from schemas.facts import SchoolListFacts
from schemas.language import on_month, t
from tasks.access.preview import preview as of_access
from tasks.accounts.changed import ChangedAt, changed_at_school
from tasks.accounts.listing import Listed, Wanted, list_accounts
from tasks.inventory.lists import school_lists
from tasks.items.listing import Owed, list_owed
from tasks.items.step import in_words
from tasks.people.desks import own_absences
from tasks.people.preview import preview as of_people
from tasks.suspension.preview import preview as of_findings

_CHANGES, _MONTHS = 60, 12
_ENDED = {"closed", "withdrawn"}


@dataclass(frozen=True)
class SchoolMonth:
    """One school: what waits and what it asks, what changed, and its list with its last confirmation.

    `struck`: the accounts of the list that are ticked, because the school wants them no more.
    """

    number: int
    name: str
    waits: tuple[Owed, ...]
    asks: Mapping[int, str]
    changed: tuple[ChangedAt, ...]
    accounts: tuple[Listed, ...]
    facts: SchoolListFacts | None
    struck: frozenset[int]


def _months_before(day: date, count: int) -> date:
    """The first day of the month so many months before; negative counts go ahead."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


async def month(request: Request) -> Response:
    """What waits at one's schools, what changed since last month began, the yearly list, and being away."""
    here, me, mine = ground(request), await person(request), await looks_after(request)
    if not mine.schools:
        policy = await here.policy()
        raise NotAllowed(f"This page is for a {policy.label(policy.duties.runs_school)}.")
    policy, today = await here.policy(), await here.today()
    first = _months_before(today, 1)
    since = datetime.combine(first, time(), policy.zone)
    schools, ticked = [], set(request.query_params.getlist("strike"))
    async with here.store.read() as session:
        lists = {one.school_id: one for one in await school_lists(session, [one for one, _ in mine.schools])}
        absences = await own_absences(session, me.person, today)
        for number, name in mine.schools:
            known = (await list_accounts(session, Wanted(school=str(number)), None)).rows
            listed = tuple(one for one in known if one.state not in _ENDED)
            waits = await list_owed(session, policy, today, school=str(number))
            schools.append(
                SchoolMonth(
                    number,
                    name,
                    waits,
                    await in_words(session, policy, waits),
                    tuple(await changed_at_school(session, number, since, _CHANGES)),
                    listed,
                    lists.get(number),
                    frozenset(one.account for one in listed if str(one.account) in ticked),
                )
            )
    return await page(
        request,
        "month.html",
        schools=schools,
        since=first,
        today=today,
        absences=absences,
        zone=policy.zone,
        key=new_key(),
    )


async def confirm(request: Request) -> Response:
    """The list of one school as it was ticked: what would happen comes next.

    The ticks of one's other schools came with it, and stay out. Raises NotAllowed for a school of others.
    """
    here, sent, mine = ground(request), await form(request), await looks_after(request)
    school = str(sent.get("school") or "")
    if school not in {str(number) for number, _ in mine.schools}:
        raise NotAllowed("This list is not yours to confirm: go on from your own page.")
    async with here.store.read() as session:
        listed = (await list_accounts(session, Wanted(school=school), None)).rows
    its = {str(one.account) for one in listed}
    typed = {"school": [school], "strike": [str(one) for one in sent.getlist("strike") if one in its]}
    return await acts.begun(
        request, "confirm-a-list", typed, f"{sent.get('key') or new_key()}{school}", "/month"
    )


async def year(request: Request) -> Response:
    """The coming months, and what falls due in each if nobody does anything."""
    mine = await looks_after(request)
    if not (mine.queue or mine.figures):
        policy = await ground(request).policy()
        raise NotAllowed(f"This page is for the {policy.label(policy.duties.keeps_policy)}.")
    here = ground(request)
    policy, today, now = await here.policy(), await here.today(), here.now()
    async with here.store.read() as session:
        owed = await list_owed(session, policy, today)
    found = await of_findings(here.store, policy, now=now)
    known = {(one.control, one.account, one.person) for one in found}
    access = await of_access(here.store, policy, now=now)
    ahead = [
        *found,
        *(one for one in access if (one.control, one.account, one.person) not in known),
        *await of_people(here.store, policy, today=today),
    ]
    due = [(one.due_on, one.kind) for one in owed] + [(one.after, one.what) for one in ahead]
    counts: dict[date, Counter[str]] = {_months_before(today, -one): Counter() for one in range(_MONTHS)}
    late: Counter[str] = Counter()
    later = 0
    for day, what in due:
        if day < today:
            late[what] += 1
        elif day.replace(day=1) in counts:
            counts[day.replace(day=1)][what] += 1
        else:
            later += 1
    drawn = bars(
        [Bar(on_month(one, brief=True), sum(its.values())) for one, its in counts.items()],
        t("What falls due in each of the coming months"),
    )
    return await page(request, "year.html", months=counts, late=late, later=later, drawn=drawn, today=today)


ROUTES = [
    Route("/month", month),
    Route("/month", confirm, methods=["POST"]),
    Route("/year", year),
]
