"""What somebody is asked for now: the subjects of the open action items of a kind."""

from sqlalchemy import Select, select
from sqlmodel import col

from schemas.machinery import ActionItem
from schemas.words import ItemKind, ItemState, SubjectKind


def asked_about(kind: ItemKind, of: SubjectKind) -> Select[int]:
    """The numbers of what open items of this kind are about: read once, where many could be asked for it."""
    return select(col(ActionItem.subject_id)).where(
        col(ActionItem.state) == ItemState.OPEN,
        col(ActionItem.kind) == kind,
        col(ActionItem.subject_kind) == of,
    )
