"""Which web page a letter's button opens: the step that it asks for. The link gives nobody any authority."""

from policy.notices import NoticeContext, read
from policy.notices.monitoring import LookToday
from policy.notices.requests import DecisionWanted
from policy.notices.words import account_of
from schemas.machinery import ActionItem
from schemas.words import ItemState, SubjectKind

#: What has a page of its own, by its number; everything else is seen at its account.
_PAGES = {
    SubjectKind.REQUEST: "requests",
    SubjectKind.INCIDENT: "incidents",
    SubjectKind.CONTACT: "contacts",
}


def page_for(context: NoticeContext) -> str:
    """The path of the page: the one step, one's own page where there are several, else what it is about."""
    steps = _steps(context)
    if len(steps) == 1:
        return f"/steps/{steps.pop()}"
    notice = context.notice
    if steps or isinstance(read(notice), LookToday):
        return "/"
    if isinstance(read(notice), DecisionWanted):
        return f"/decide/{notice.subject_id}"
    if notice.subject_kind in _PAGES:
        return f"/{_PAGES[notice.subject_kind]}/{notice.subject_id}"
    account = account_of(notice.subject_kind, notice.subject_id, context.rows)
    return f"/accounts/{account.id}" if account else "/"


def asks_for_steps(context: NoticeContext) -> bool:
    """Whether something that is open is asked of its reader, even where no answer could do it: a course."""
    return bool(_steps(context))


def _steps(context: NoticeContext) -> set[int]:
    """The numbers of the open items that the letter asks its reader for."""
    notice = context.notice
    if notice.subject_kind is SubjectKind.ITEM:
        named = context.rows.items.get(notice.subject_id)
        return {named.id} if named is not None and named.id and named.state is ItemState.OPEN else set()
    kind = read(notice)
    subjects = {(notice.subject_kind, notice.subject_id)}
    if kind.asks_the_person:
        subjects.add((SubjectKind.PERSON, notice.person_id))
    wanted = kind.still_wanted(context)
    return {
        one.id
        for one in context.rows.asked
        if one.id
        and one.state is ItemState.OPEN
        and one.kind in wanted
        and (one.subject_kind, one.subject_id) in subjects
        and _is_for(one, notice.person_id)
    }


def _is_for(item: ActionItem, reader: int) -> bool:
    """Whether it is asked of the reader, or of an office: then they read it because they hold it."""
    return item.person_id in {None, reader}
