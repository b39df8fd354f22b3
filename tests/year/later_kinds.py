"""What happens once in the simulated year of the kinds with people in them: leave, reports, lists, stops.

A few weeks early in the year hold all of it, one act a day at most, each by the person whose it is.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col

from schemas.accounts import Access, Account
from schemas.findings import Suspension
from schemas.incidents import Incident
from schemas.leave import Leave
from schemas.people import School
from schemas.public import Enquiry
from schemas.states import AccessState, AccountState, IncidentState, LeaveState
from schemas.words import Via
from tasks.acts.table import ACTS
from tests.support.school_year import Year

#: What is decided here has this reason.
WHY = "It was talked over."


async def _does(year: Year, what: str, name: str, who: str, **values: Any) -> None:
    """Somebody hands in an act; it is counted, and a refusal as well."""
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": who, **values})
    await year.does(what, act(year.store, year.policy, form, via=Via.COMMAND, now=year.now))


def _at(year: Year, place: int, position: str) -> str:
    return str(year.division.at(year.division.schools[place], position)[0].email)


async def _number(year: Year, column: Any, where: Any = True) -> int:
    """The number of the last one."""
    return max(int(row[0]) for row in await year.rows(column, where=where))


async def leave_is_asked(year: Year) -> None:
    """A teacher asks for leave to text."""
    asks = {"leave": "texting", "purpose": "A journey.", "circumstances": "No other way works there."}
    until = year.today + timedelta(days=29)
    await _does(year, "leave asked", "ask-for-leave", _at(year, 5, "teacher"), ends_on=until, **asks)


async def leave_is_granted(year: Year) -> None:
    """The principal grants it."""
    leave = await _number(year, Leave.id)
    given = {"leave": leave, "verdict": "grant", "reason": WHY}
    await _does(year, "leave granted", "decide-a-leave", _at(year, 5, "principal"), **given)


async def leave_is_revoked(year: Year) -> None:
    """The journey does not take place: the leave ends before its last day."""
    leave = await _number(year, Leave.id)
    given = {"leave": leave, "reason": WHY}
    await _does(year, "leave ended early", "revoke-a-leave", _at(year, 5, "principal"), **given)
    ((state,),) = await year.rows(Leave.state, where=col(Leave.id) == leave)
    assert state is LeaveState.REVOKED


async def reported(year: Year) -> None:
    """A colleague reports what stands at an account that a teacher administers."""
    teacher = year.division.at(year.division.schools[6], "teacher")[0]
    account = min(
        row[0] for row in await year.rows(Account.id, where=col(Account.state) == AccountState.LIVE)
    )
    tells = {"rule": "AP 170", "tells": "A picture shows names.", "person": teacher.email, "account": account}
    await _does(year, "reported", "report-what-was-broken", _at(year, 6, "principal"), **tells)


async def taken_on(year: Year) -> None:
    """Communications takes it on."""
    number = await _number(year, Incident.id)
    await _does(year, "report taken on", "take-a-report-on", year.division.communications, incident=number)


async def heard(year: Year) -> None:
    """The person concerned answers."""
    number = await _number(year, Incident.id)
    answer = {"incident": number, "answer": "They had agreed."}
    await _does(year, "report heard", "answer-a-report", _at(year, 6, "teacher"), **answer)


async def decided(year: Year) -> None:
    """Communications decides: a warning."""
    number = await _number(year, Incident.id)
    given = {"incident": number, "verdict": "warn", "reason": WHY}
    await _does(year, "report decided", "decide-on-a-report", year.division.communications, **given)
    ((state,),) = await year.rows(Incident.state, where=col(Incident.id) == number)
    assert state is IncidentState.DECIDED


async def list_is_confirmed(year: Year) -> None:
    """A principal confirms the school's list, and strikes a page."""
    school = year.division.schools[7]
    of_school = (
        (col(Account.school_id) == col(School.id))
        & (col(School.name) == school.name)
        & (col(Account.state) == AccountState.LIVE)
        & (col(Access.account_id) == col(Account.id))
        & (col(Access.state) == AccessState.GRANTED)
    )
    struck = await _number(year, Account.id, of_school)
    principal = _at(year, 7, "principal")
    await _does(year, "list confirmed", "confirm-a-list", principal, school=school.name, strike=[struck])


async def struck_page_is_closed(year: Year) -> None:
    """After its last day the page that was struck is no more."""
    closed = await year.rows(
        Account.id,
        where=(col(Account.school_id) == col(School.id))
        & (col(School.name) == year.division.schools[7].name)
        & (col(Account.state) == AccountState.CLOSED),
    )
    year.happened["struck page closed"] += len(closed)


async def stopped(year: Year) -> None:
    """Communications stops an account in an emergency; nobody confirms it."""
    account = await _number(year, Account.id, col(Account.state) == AccountState.LIVE)
    stop = {"accounts": [account], "reason": "Somebody else posts there."}
    await _does(year, "stopped", "stop-accounts", year.division.communications, **stop)


async def stop_has_ended(year: Year) -> None:
    """It has ended by itself, and the account is back."""
    stops = await year.rows(
        Suspension.ended_because,
        Account.state,
        where=col(Suspension.confirm_by).is_not(None)
        & col(Suspension.confirmed_at).is_(None)
        & (col(Account.id) == col(Suspension.account_id)),
    )
    assert [(row.ended_because is not None, row.state) for row in stops] == [(True, AccountState.LIVE)]
    year.happened["stop ended by itself"] += 1


async def asked_long_ago(year: Year) -> None:
    """Somebody notes a question that the public asked a week before."""
    account = await _number(year, Account.id, col(Account.state) == AccountState.LIVE)
    asked_at = datetime.combine(year.today - timedelta(days=7), datetime.min.time()).isoformat(" ", "minutes")
    asks = {"account": account, "asks": "When is it?", "asked_at": asked_at}
    await _does(year, "old question noted", "log-an-enquiry", _at(year, 6, "principal"), **asks)


async def it_was_found(year: Year) -> None:
    """The night found it overdue."""
    found = await year.rows(Enquiry.id, where=col(Enquiry.due_at) < col(Enquiry.logged_at))
    assert found
    assert year.happened["answers-in-time found"], year.happened


EVENTS: Mapping[date, Callable[[Year], Awaitable[None]]] = {
    date(2026, 9, 8): leave_is_asked,
    date(2026, 9, 9): leave_is_granted,
    date(2026, 9, 10): reported,
    date(2026, 9, 11): taken_on,
    date(2026, 9, 14): heard,
    date(2026, 9, 15): decided,
    date(2026, 9, 16): leave_is_revoked,
    date(2026, 9, 17): list_is_confirmed,
    date(2026, 9, 21): stopped,
    date(2026, 9, 24): stop_has_ended,
    date(2026, 9, 28): asked_long_ago,
    date(2026, 9, 29): it_was_found,
    date(2026, 10, 29): struck_page_is_closed,
}
#: What they are counted as.
HAPPENED = (
    "leave asked",
    "leave granted",
    "leave ended early",
    "reported",
    "report taken on",
    "report heard",
    "report decided",
    "list confirmed",
    "struck page closed",
    "stopped",
    "stop ended by itself",
    "old question noted",
    "answers-in-time found",
)
