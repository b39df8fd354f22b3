"""Settings are attested by a person against a checklist."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, literal, or_, select
from sqlmodel import col

from policy.controls._control import OneFor, Sanction
from policy.controls._rule import Rule
from policy.parts import Grace, Lasts
from policy.selects import AccountFilter, day_of, plus_days, start_of
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.evidence import PrivacyReview

if TYPE_CHECKING:
    from policy.model import Policy


class Attested(Rule):
    """Somebody attests that an account's settings are as the checklist of its platform asks.

    `attest_every_days`: how long that holds. `attest_within_days`: it is due so many days after the account
    became live or was found, or after the checklist changed. `then`: what is suspended where it is not
    mended.

    Finds every live account without a current attestation in full. Asks whoever reports an account for the
    first, with the way to each setting on the platform. Never looks at settings itself.
    """

    one_for: ClassVar[OneFor | None] = OneFor.LEVEL
    may_observe: ClassVar[bool] = True

    use: Literal["attested"] = "attested"
    attest_every_days: Lasts
    attest_within_days: Grace
    then: Sanction | None = None

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account whose latest attestation of its settings does not stand.

        It stands when it is against the present checklist of the platform, with nothing unmet, through the
        day `attest_every_days` after it: the day on which it is due anew. Settings that are unmet are due
        since they were seen. Never attested: due the control's days after the account became live; a
        checklist that changed: counted from `today`.
        """
        del among
        review, zone = table_of(PrivacyReview), policy.zone
        every, within = self.attest_every_days, self.attest_within_days
        never, unmet = review.c.id.is_(None), cast(review.c.unmet, String) != "[]"
        outdated = review.c.checklist_version != _present_checklist(policy)
        attested_on = day_of(review.c.attested_at, zone, today)
        return (
            select(
                col(Account.id).label("account_id"),
                literal(0).label("person_id"),
                case(
                    (never, plus_days(day_of(col(Account.state_since), zone, today), within)),
                    (outdated, literal(today + timedelta(days=within))),
                    (unmet, attested_on),
                    else_=plus_days(attested_on, every),
                ).label("due_on"),
                case(
                    (never, literal("Its privacy settings were never attested.")),
                    (outdated, literal("Its privacy settings are attested against an older checklist.")),
                    (unmet, literal("Some of its privacy settings are not as the checklist asks.")),
                    else_=literal("The attestation of its privacy settings is too old."),
                ).label("detail"),
            )
            .select_from(
                table_of(Account).outerjoin(
                    review, and_(review.c.account_id == col(Account.id), review.c.latest)
                )
            )
            .where(
                or_(
                    never,
                    outdated,
                    unmet,
                    review.c.attested_at < start_of(today - timedelta(days=every), zone),
                )
            )
        )


def _present_checklist(policy: "Policy") -> ColumnElement[Any]:
    """The version of the checklist for an account's platform."""
    versions: dict[str, list[str]] = {}
    for checklist in policy.checklists:
        versions.setdefault(checklist.version, []).append(checklist.platform)
    usual = max(versions, key=lambda version: len(versions[version]))
    others = [
        (col(Account.platform).in_(platforms), literal(version))
        for version, platforms in versions.items()
        if version != usual
    ]
    return case(*others, else_=literal(usual)) if others else literal(usual)
