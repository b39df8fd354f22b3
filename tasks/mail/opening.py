"""Which web page a letter's button opens: the step that it asks for. The link gives nobody any authority."""

from collections.abc import Iterable, Mapping

from policy.notices import NoticeContext, Rows, View, read
from policy.notices.words import account_of
from schemas.machinery import ActionItem, Notice
from schemas.outcome import RoleAt
from schemas.words import ItemState, SubjectKind

#: What has a page of its own, by its number; everything else is seen at its account.
_PAGES = {
    SubjectKind.REQUEST: "requests",
    SubjectKind.INCIDENT: "incidents",
    SubjectKind.CONTACT: "contacts",
}


def page_for(context: NoticeContext) -> str:
    """The path of the page: the one step, or where several stand together, else what it is about.

    Several stand on the page of their account, where they are all of one; else on one's own page.
    """
    steps, notice = _steps(context), context.notice
    if len(steps) == 1:
        return f"/steps/{next(iter(steps))}"
    if steps and _of_one_account(steps.values(), notice):
        return f"/accounts/{notice.subject_id}"
    if steps:
        return "/"
    if own := read(notice).page(context):
        return own
    if notice.subject_kind in _PAGES:
        return f"/{_PAGES[notice.subject_kind]}/{notice.subject_id}"
    account = account_of(notice.subject_kind, notice.subject_id, context.rows)
    return f"/accounts/{account.id}" if account else "/"


def is_done_there(context: NoticeContext, view: View) -> bool:
    """Whether its reader does something on that page. Else it is there to be looked at, if it has one."""
    kind = read(context.notice)
    asked = view.actions and (view.due or kind.wanted())
    return bool(asked or _steps(context) or kind.page(context))


def _of_one_account(steps: Iterable[ActionItem], notice: Notice) -> bool:
    """Whether all of them are about the letter's account, or findings of it."""
    own = {(SubjectKind.ACCOUNT, notice.subject_id)}
    return notice.subject_kind is SubjectKind.ACCOUNT and all(
        one.subject_kind is SubjectKind.FINDING or (one.subject_kind, one.subject_id) in own for one in steps
    )


def _steps(context: NoticeContext) -> Mapping[int, ActionItem]:
    """The open items that the letter asks its reader for, by their numbers."""
    notice = context.notice
    if notice.subject_kind is SubjectKind.ITEM:
        named = context.rows.items.get(notice.subject_id)
        return {named.id: named} if named and named.id and named.state is ItemState.OPEN else {}
    kind = read(notice)
    subjects, wanted = kind.asks_about(notice), kind.still_wanted(context)
    return {
        one.id: one
        for one in context.rows.asked
        if one.id
        and one.state is ItemState.OPEN
        and one.kind in wanted
        and (one.subject_kind, one.subject_id) in subjects
        and _is_for(one, notice.person_id, context.rows)
    }


def _is_for(item: ActionItem, reader: int, rows: Rows) -> bool:
    """Whether it is asked of the reader, or of an office that they act for: others are told of it too."""
    if item.role is None:
        return item.person_id in {None, reader}
    held = rows.held.get(RoleAt(item.role, item.role_school_id))
    return held is None or reader in held
