"""What statements are asked with that are built once: the day, the moment, and some numbers.

SQLAlchemy takes longer to build a select than a database takes for many an answer. So one that is asked again
and again stands as a constant of its module, or is kept with the policy that it follows from (`Policy.once`);
what differs from one asking to the next is given when it is executed, under the name that stands here.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Date, bindparam

from schemas.columns import UtcDateTime

#: A day of the division's zone, given as `today`.
TODAY: BindParameter[date] = bindparam("today", type_=Date())
#: A day that is known, or one that a statement is given when it is executed.
Day = date | BindParameter[date]
#: An instant, given as `now`.
NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())


def some(name: str) -> BindParameter[Any]:
    """Numbers or words for an IN, given as a list under that name; none are allowed."""
    return bindparam(name, expanding=True)


#: The numbers of what is asked about, given as a list `ids`.
IDS = some("ids")
