"""What of a platform's checklist of privacy settings is not done. Pure."""

from policy.controls.attested import Attested
from policy.model import Checklist, Policy
from schemas.accounts import Account
from schemas.errors import BadInput


def checklist_for(account: Account, policy: Policy) -> Checklist | None:
    """The checklist of the account's platform; None where no control asks for settings at its level."""
    asked = policy.first(Attested, level=account.level)
    return None if asked is None else policy.checklist(account.platform)


def privacy_unmet(account: Account, done: tuple[str, ...], policy: Policy) -> tuple[str, ...]:
    """The ids of the account's checklist that are not among those done. Raises BadInput for others."""
    checklist = checklist_for(account, policy)
    if checklist is None:
        return ()
    items = tuple(item.id for item in checklist.items)
    if strange := [one for one in done if one not in items]:
        raise BadInput(
            f"The privacy checklist for {account.platform} has no item {strange[0]!r}; "
            f"its items are {', '.join(items)}."
        )
    return tuple(item for item in items if item not in done)
