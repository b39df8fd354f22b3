"""What of a platform's checklist of privacy settings is not done. Pure."""

from policy.model import Policy
from schemas.accounts import Account
from schemas.errors import BadInput


def privacy_unmet(account: Account, done: tuple[str, ...], policy: Policy) -> tuple[str, ...]:
    """The ids of the platform's checklist that are not among those done. Raises BadInput for others."""
    items = tuple(item.id for item in policy.checklist(account.platform).items)
    if strange := [one for one in done if one not in items]:
        raise BadInput(
            f"The privacy checklist for {account.platform} has no item {strange[0]!r}; "
            f"its items are {', '.join(items)}."
        )
    return tuple(item for item in items if item not in done)
