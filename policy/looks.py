"""Who is to look at an account today, who is asked once nobody did, and who looks for somebody away. Pure.

A missed day counts against the account, never against a person. Whoever is away is asked nothing, and
what was asked of them is taken back.
"""

from collections.abc import Iterable
from datetime import date, datetime

from policy.authority import policy_office
from policy.calendar import Calendar
from policy.controls import Mode
from policy.controls.look import Look
from policy.model import Policy
from policy.notices.monitoring import LookInstead, LookMissed
from schemas.look_facts import Looker, LookFacts
from schemas.outcome import NOTHING, Ask, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind


def asking(policy: Policy, level: str) -> Look | None:
    """The control under which looks at accounts of a level are asked for; None where nothing is asked."""
    return next((one for one in policy.applying(Look, level=level) if one.mode is Mode.ENFORCE), None)


def missed_since(look: Look, calendar: Calendar, today: date) -> date | None:
    """The first of the days without a look after which one is asked for; None where none is yet."""
    missed = look.asked_after_missed_days
    return None if missed is None else look.looked_at_since(calendar, today, missed)


def who_looks(facts: LookFacts, policy: Policy) -> tuple[int | RoleAt, ...]:
    """Who is to look at an account today.

    Its administrators who are not away; where all are, their deputies; where no deputy is there either, the
    office that runs its school, or that keeps the policy. Nobody where nobody administers it: a successor is
    asked for then.
    """
    if here := tuple(one.person_id for one in facts.lookers if one.absence is None):
        return here
    if deputies := tuple(dict.fromkeys(one for looker in facts.lookers for one in looker.deputies)):
        return deputies
    if not facts.lookers:
        return ()
    school = facts.school_id
    return (policy_office(policy) if school is None else RoleAt(policy.duties.runs_school, school),)


def decide_look(facts: LookFacts, policy: Policy, now: datetime) -> Outcome:
    """What happens next with the looks at one account at `now`.

    After so many missed days whoever is to look is asked, on a school day, due the same day; the item then
    climbs like any other. Once somebody looked, it is settled. Whoever looks for somebody who is away reads
    so once an absence.
    """
    look, today = asking(policy, facts.level), policy.calendar.today(now)
    if look is None or facts.state is not AccountState.LIVE:
        return _settled(facts, done=False, says="a look is asked for no longer")
    if facts.missed_since is None and facts.asked:
        return _settled(facts, done=True, says="looked at")
    account = Subject(SubjectKind.ACCOUNT, facts.account_id)
    wanted = {_key(account, of): of for of in who_looks(facts, policy)}
    steps: list[Step] = []
    gone = tuple(one.key for one in facts.asked if one.key not in wanted)
    if gone:
        steps.append(Settle(gone, done=False))
    said = ["whoever is away is asked no longer"] if gone else []
    told = _told_of_absences(facts, wanted.values(), account)
    if told:
        steps += told
        said.append("told who looks meanwhile")
    if facts.missed_since is not None and policy.calendar.is_school_day(today):
        asked = {one.key for one in facts.asked}
        for key, of in wanted.items():
            if key not in asked:
                notice = LookMissed(since=facts.missed_since, due_on=today)
                steps.append(Ask(key, ItemKind.LOOK_AGAIN, of, account, look.name, today))
                steps.append(Tell(notice, of, f"{key}/{today}", account))
        if wanted.keys() - asked:
            said.append("a look is asked for")
    return Outcome(tuple(steps), " and ".join(said)) if steps else NOTHING


def _key(account: Subject, of: int | RoleAt) -> str:
    return f"{account}/look/" + ("office" if isinstance(of, RoleAt) else f"person:{of}")


def _settled(facts: LookFacts, *, done: bool, says: str) -> Outcome:
    if not facts.asked:
        return NOTHING
    return Outcome((Settle(tuple(one.key for one in facts.asked), done=done),), says)


def _told_of_absences(facts: LookFacts, looking: Iterable[int | RoleAt], account: Subject) -> list[Step]:
    """Whoever looks while somebody else is away reads who that is and through which day."""
    steps: list[Step] = []
    for of in looking:
        new: list[Looker] = []
        for one in facts.lookers:
            reached = {person for absence, person in facts.told if absence == one.absence}
            if one.absence is not None and of not in reached and not (reached and isinstance(of, RoleAt)):
                new.append(one)
        if not new:
            continue
        absences = tuple(one.absence for one in new if one.absence is not None)
        notice = LookInstead(
            absence_ids=absences,
            person_ids=tuple(one.person_id for one in new),
            through=min(one.through for one in new if one.through is not None),
        )
        cause = f"{account}/look/absence:{'+'.join(map(str, absences))}"
        steps.append(Tell(notice, of, cause, account))
    return steps
