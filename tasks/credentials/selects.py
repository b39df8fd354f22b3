"""What the facts of passwords and of lists of administrators both read; built once."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from schemas.accounts import Account
from schemas.machinery import ActionItem
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.store.given import IDS, among

#: The accounts of these numbers, and since when what is asked of each counts.
ACCOUNTS: Select[*tuple[Any, ...]] = (
    select(
        col(Account.id),
        col(Account.state),
        col(Account.custody),
        func.coalesce(col(Account.live_since), col(Account.state_since)).label("since"),
    )
    .where(among(col(Account.id), IDS))
    .order_by(col(Account.id))
)


def asked_by(kind: ItemKind) -> Select[int, str]:
    """The open items of this kind about accounts of these numbers."""
    return select(col(ActionItem.subject_id), col(ActionItem.key)).where(
        col(ActionItem.subject_kind) == SubjectKind.ACCOUNT,
        among(col(ActionItem.subject_id), IDS),
        col(ActionItem.kind) == kind,
        col(ActionItem.state) == ItemState.OPEN,
    )
