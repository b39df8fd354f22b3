"""An account's profile shows whose it is."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import Select, and_, case, literal, not_, or_, select
from sqlmodel import col

from policy.controls._control import OneFor
from policy.controls._rule import Rule
from policy.parts import Count, Grace
from policy.selects import AccountFilter, day_of, last_seen, plus_days, start_of
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.evidence import ProfileCheck
from schemas.people import Person
from schemas.states import AccessState

if TYPE_CHECKING:
    from policy.model import Policy


class IdentifyOwner(Rule):
    """The profile of an account of these levels shows the name and position of who administers it.

    `look_within_days`: somebody has looked so many days after the account became live or was found.
    `attested_good_days`: how long it holds what a person saw there; `seen_good_days`: what we read there.

    Finds every live account whose profile did not show it when last looked at. Asks whoever administers it.
    Never keeps the name or position that it read.
    """

    one_for: ClassVar[OneFor | None] = OneFor.LEVEL
    may_observe: ClassVar[bool] = True

    use: Literal["identify-owner"] = "identify-owner"
    look_within_days: Grace
    attested_good_days: Count
    seen_good_days: Count = 60

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account whose profile did not show name and position when last looked at.

        Every pass ages, and holds only for who still has access and is here: what a person attests through
        `good_through`, what we read `seen_good_days`. Due since the day of that look, or that last day; for a
        profile that nobody has looked at, the control's days after the account became live; where the person
        is gone, on `today`.
        """
        del among
        check, access, person, zone = (
            table_of(ProfileCheck),
            table_of(Access),
            table_of(Person),
            policy.zone,
        )
        unseen, missing, expired = check.c.id.is_(None), not_(check.c.shown), check.c.good_through < today
        looked_on = day_of(check.c.checked_at, zone, today)
        oldest = start_of(today - timedelta(days=self.seen_good_days), zone)
        aged = and_(check.c.good_through.is_(None), check.c.checked_at < oldest)
        attested_on = plus_days(check.c.good_through, -self.attested_good_days)
        seen = "Name and position on its profile were"
        gone = or_(person.c.id.is_(None), not_(person.c.active))
        return (
            select(
                col(Account.id).label("account_id"),
                literal(0).label("person_id"),
                case(
                    (
                        unseen,
                        plus_days(day_of(col(Account.state_since), zone, today), self.look_within_days),
                    ),
                    (missing, looked_on),
                    (expired, check.c.good_through),
                    (aged, plus_days(looked_on, self.seen_good_days)),
                    else_=literal(today),
                ).label("due_on"),
                case(
                    (unseen, literal("Nobody has looked for name and position on its profile.")),
                    (
                        missing,
                        literal("Its profile does not show the name and position of who administers it."),
                    ),
                    (expired, last_seen(seen, attested_on)),
                    (aged, last_seen(seen, looked_on)),
                    else_=literal("Its profile shows somebody who no longer has access to it."),
                ).label("detail"),
            )
            .select_from(
                table_of(Account)
                .outerjoin(check, and_(check.c.account_id == col(Account.id), check.c.latest))
                .outerjoin(
                    access,
                    and_(
                        access.c.account_id == check.c.account_id,
                        access.c.person_id == check.c.person_id,
                        access.c.state == AccessState.GRANTED,
                    ),
                )
                .outerjoin(person, person.c.id == access.c.person_id)
            )
            .where(or_(unseen, missing, expired, aged, gone))
        )
