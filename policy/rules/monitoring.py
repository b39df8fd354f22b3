"""9: somebody looks at the comments and posts of every account on every day that counts."""

from datetime import date
from typing import Any

from sqlalchemy import Select, exists, false, func, literal, select
from sqlmodel import col

from policy.calendar import Calendar
from policy.model import Policy
from policy.monitoring import looked_at_since
from policy.rules.dates import start_of
from policy.rules.form import Among, every_account, rule
from schemas.accounts import Account
from schemas.evidence import CheckIn


@rule(clause="9", scope=every_account)
def somebody_looks_daily(policy: Policy, today: date, _among: Among) -> Select[*tuple[Any, ...]]:
    """Every live account that nobody has checked in on more monitored days in a row than may be missed.

    Days count from the day after it became live, and from the policy's `begins_on`. Due on the first of
    those days. One look into the index of check-ins an account, however many years of them there are.
    """
    since = looked_at_since(policy, Calendar(policy), today)
    found: Select[*tuple[Any, ...]] = select(
        col(Account.id).label("account_id"),
        literal(0).label("person_id"),
        literal(since or today).label("due_on"),
        literal("Nobody has checked in for more days in a row than may be missed.").label("detail"),
    )
    if since is None:
        return found.where(false())
    live_before = func.coalesce(col(Account.live_since), col(Account.state_since)) < start_of(
        since, policy.zone
    )
    return found.where(
        live_before,
        ~exists().where(col(CheckIn.account_id) == col(Account.id), col(CheckIn.day) >= since),
    )
