"""One account: its state, its people, what was found, its history, and what may be done with it."""

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from types import SimpleNamespace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from policy.finding_items import says_when_asked
from policy.notices.words import short_day
from portal.asking import as_signed_in, ground, number
from portal.pages import page
from portal.pictures import Stretch, line
from portal.saying import on_page
from schemas.language import later, t
from schemas.states import AccessState
from schemas.words import CustodyMode, SubjectKind, Via
from tasks.accounts.listing import Entry, Shown, show_account, timeline
from tasks.accounts.reading import readable
from tasks.acts.context import ActContext
from tasks.acts.menu import may_do
from tasks.acts.table import titled
from tasks.ahead import COMING, until_it_is_live
from tasks.credentials.rotate import CONCERNED
from tasks.items.step import own_steps
from tasks.store.audit import Actor

#: What people do with an account, by where it stands; each with how it is said on a button.
_DOES: Mapping[str, tuple[str, ...]] = {
    "approved": ("accept-responsibility", "add-an-administrator"),
    "preparing": ("report-an-account", "attest-a-notice", "attest-a-profile", "add-an-administrator"),
    "live": (
        "attest-privacy-settings",
        "attest-a-notice",
        "attest-a-profile",
        "record-a-new-password",
        "confirm-a-new-password",
        "review-administrators",
        "add-an-administrator",
        "replace-an-administrator",
        "remove-an-administrator",
        "rename-an-account",
        "move-an-account",
        "hand-an-account-over",
        "suspend-an-account",
        "stop-accounts",
        "close-an-account",
    ),
    "suspended": ("ask-for-a-return", "reinstate-an-account", "take-hold-of-an-account", "close-an-account"),
    "closed": ("open-an-account-again",),
}

#: What stands of a page, in words.
_VERDICTS: Mapping[str, str] = {
    "exact": later("the notice stands there, word for word"),
    "linked": later("it leads to the notice"),
    "altered": later("a notice stands there, in other words"),
    "missing": later("the notice is not there"),
    "unclear": later("it came, and only a person can say what its readers see"),
    "unreachable": later("it could not be opened"),
}


async def show(request: Request) -> Response:
    """The account of this number, for its people, its school's administration and Communications."""
    here, which = ground(request), number(request)
    policy, today = await here.policy(), await here.today()
    async with as_signed_in(request) as (session, me):
        _held = await readable(session, policy, me.person, which, here.now())  # so that it is read once
        if _held is None:
            raise HTTPException(404)
        shown = await show_account(session, policy, str(which))
        entries = await timeline(session, policy, str(which))
        context = ActContext(session, policy, policy.calendar, Actor(me.person, Via.PORTAL), here.now())
        has_it = await _has_the_password(context, shown)
        ahead = await until_it_is_live(session, policy, which, here.now()) if shown.state in COMING else None
        steps = await own_steps(session, policy, me.person, today, now=here.now(), account=which)
        does = await may_do(context, shown, _DOES.get(shown.state, ()))
    called = policy.says_account(shown.platform, shown.handle)
    drawn = stretches(entries, policy.zone, today)
    return await page(
        request,
        "account.html",
        stretches=drawn,
        line=line(
            drawn,
            t("The states of {account} since {day}", account=called, day=short_day(drawn[0].begins)),
        )
        if drawn
        else "",
        account=shown,
        way_back=on_page(shown.suspension.way_back) if shown.suspension else "",
        verdict=t(_VERDICTS.get(shown.page.verdict, shown.page.verdict)) if shown.page else "",
        steps=steps,
        ahead=ahead,
        called=called,
        vault=shown.vault_reference if has_it else "",
        level=policy.label(shown.level),
        entries=list(reversed(entries))[:40],
        zone=policy.zone,
        does=[(one, t(titled(one))) for one in does],
        when={
            one.finding: t(said)
            for one in shown.findings
            if not one.asked and (said := says_when_asked(policy, one.control))
        },
        asks={one.control: policy.asks_of(one.control) for one in shown.findings},
    )


async def _has_the_password(context: ActContext, shown: Shown) -> bool:
    """Whether somebody must have the account's password, and so may read where it lies."""
    if not shown.vault_reference or not context.policy.custody_terms(CustodyMode(shown.custody)).rotates:
        return False
    inside = {one.person for one in shown.accesses if one.state == AccessState.GRANTED}
    if context.person_id in inside:
        return True
    return await CONCERNED.test(context, SimpleNamespace(account=shown.account)) is not None


def stretches(entries: Sequence[Entry], zone: tzinfo, today: date) -> Sequence[Stretch]:
    """The states of an account itself one after the other, by days of a zone, through today."""
    moves = [
        (one.at.astimezone(zone).date(), one.to_state)
        for one in entries
        if one.subject_kind == SubjectKind.ACCOUNT and one.to_state is not None
    ]
    found = []
    for place, (begins, state) in enumerate(moves):
        last = place == len(moves) - 1
        ends = today if last else moves[place + 1][0]
        if last or ends > begins:  # a state of less than a day is in the list of what happened
            found.append(Stretch(state, begins, max(begins, ends), now=last))
    return found


ROUTES = [Route("/accounts/{number}", show)]
