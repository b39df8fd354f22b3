"""A notice stands on every page, word for word."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import Select, and_, case, literal, or_, select
from sqlmodel import col

from policy.controls._control import OneFor, Sanction
from policy.controls._rule import Rule
from policy.parts import Count, Grace, Id
from policy.selects import AccountFilter, day_of, last_seen, plus_days, start_of
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.evidence import PageCheck
from schemas.words import ItemKind, PageVerdict

if TYPE_CHECKING:
    from policy.model import Policy

#: Verdicts with which a notice counts as shown.
SHOWN = frozenset({PageVerdict.EXACT, PageVerdict.LINKED})

#: Verdicts that say nothing about the page, but that somebody should look.
UNSEEN = frozenset({PageVerdict.UNCLEAR, PageVerdict.UNREACHABLE})

UNTOLD = "Nobody can tell yet whether its page shows the notice: somebody has to look."


class Display(Rule):
    """The page of every account shows the notice, or links to a page that does.

    `notice`: its id. `look_within_days`: the page has been looked at so many days after the account became
    live or was found, or after the notice changed. `look_again_after_hours`: at a page that lacked it;
    `look_every_days`: at every other page. `attested_good_days`: how long what a person saw on
    a page holds; `seen_good_days`: how long a look of ours does. `then`: what is suspended where it is not
    mended.

    Finds every live account whose page did not show the present notice when last looked at. Asks its
    administrators to put it there. Never takes a page that it could not read for one that shows it.
    """

    one_for: ClassVar[OneFor | None] = OneFor.LEVEL
    may_observe: ClassVar[bool] = True
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.MEND_NOTICE,)

    use: Literal["display"] = "display"
    notice: Id
    look_within_days: Grace
    look_again_after_hours: Count
    look_every_days: Count
    attested_good_days: Count
    seen_good_days: Count = 60
    then: Sanction | None = None

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("notice", "notice", self.notice),)

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account whose page did not show the present notice when it was last looked at.

        Unreachable is never a pass; every pass ages, a look's and what a person attests. Due since the day of
        that look, or the last day on which it counted; for a page that nobody has looked at, the control's
        days after the account became live; where the notice is new since, counted from `today`.
        """
        del among
        check, zone, within = table_of(PageCheck), policy.zone, self.look_within_days
        unseen, expired = check.c.account_id.is_(None), check.c.good_through < today
        shown, looked_on = check.c.verdict.in_(sorted(SHOWN)), day_of(check.c.checked_at, zone, today)
        oldest = start_of(today - timedelta(days=self.seen_good_days), zone)
        aged = and_(check.c.good_through.is_(None), check.c.checked_at < oldest)
        attested_on = plus_days(check.c.good_through, -self.attested_good_days)
        seen_before = check.c.notice_version != policy.notice_by_id(self.notice).version
        return (
            select(
                col(Account.id).label("account_id"),
                literal(0).label("person_id"),
                case(
                    (seen_before, literal(today + timedelta(days=within))),
                    (unseen, plus_days(day_of(col(Account.state_since), zone, today), within)),
                    (and_(shown, expired), check.c.good_through),
                    (and_(shown, aged), plus_days(looked_on, self.seen_good_days)),
                    else_=looked_on,
                ).label("due_on"),
                case(
                    (seen_before, literal("Its page was not looked at since the notice changed.")),
                    (unseen, literal("Nobody has looked at its page for the notice.")),
                    (and_(shown, expired), last_seen("The notice on its page was", attested_on)),
                    (shown, last_seen("The notice on its page was", looked_on)),
                    (check.c.verdict == PageVerdict.UNREACHABLE, literal("Its page could not be reached.")),
                    (check.c.verdict == PageVerdict.UNCLEAR, literal(UNTOLD)),
                    (check.c.verdict == PageVerdict.ALTERED, literal("The notice on its page is altered.")),
                    else_=literal("The notice is not on its page, or not all of it."),
                ).label("detail"),
            )
            .select_from(
                table_of(Account).outerjoin(
                    check, and_(check.c.account_id == col(Account.id), check.c.latest)
                )
            )
            .where(or_(unseen, seen_before, check.c.verdict.not_in(sorted(SHOWN)), expired, aged))
        )
