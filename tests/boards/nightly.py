"""What a night of any board leaves to be read: letters, and the report of its sweep."""

from datetime import datetime

from flows.drain import Tally
from flows.sweep_report import Lists, sweep_report
from policy.calendar import Calendar
from policy.model import Policy
from tasks.findings.evaluation import evaluate
from tasks.findings.listing import Asked, list_findings
from tasks.findings.overview import list_holding, list_school_accounts, list_schools
from tasks.store import Store

AT_MOST = 50


async def report(store: Store, policy: Policy, now: datetime) -> str:
    """The report of a sweep at `now`, with its lists, as the flow writes it."""
    today = Calendar(policy).today(now)
    async with store.write() as session:
        outcomes = [await evaluate(session, rule, policy, today, now) for rule in policy.rules()]
    async with store.read() as session:
        schools = await list_schools(session, AT_MOST)
        found, holding = {}, {}
        for one in outcomes:
            found[one.control] = (await list_findings(session, Asked(controls=(one.control,)), AT_MOST)).rows
            holding[one.control] = await list_holding(session, policy.rule(one.control), policy, AT_MOST)
        accounts = await list_school_accounts(session, [one.number for one in schools], AT_MOST)
    return sweep_report(outcomes, policy, schools, Lists(found, holding, accounts), Tally(), now)
