"""Mailboxes that refuse mail for good: whoever has one reads nothing that Steward writes."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col

from schemas.machinery import Notice
from schemas.notices import NoticeState


def parked_by_mailbox(notice: Any = Notice) -> ColumnElement[bool]:
    """A notice that no server would take for its receiver; not one that we could not write."""
    error = col(notice.last_error)
    return and_(
        col(notice.state) == NoticeState.PARKED,
        or_(error.startswith("smtp 5"), error.startswith("given up"), error == "no usable address"),
    )


@lru_cache(maxsize=16)  # by the column: a few of our tables; nothing else goes into it
def refuses_mail(person_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether mail to a person was refused for good, and none has reached them since."""
    parked, later = aliased(Notice), aliased(Notice)
    reached = exists().where(
        col(later.person_id) == col(parked.person_id),
        col(later.state) == NoticeState.SENT,
        col(later.sent_at) >= col(parked.created_at),
    )
    return exists().where(col(parked.person_id) == person_id, parked_by_mailbox(parked), ~reached)
