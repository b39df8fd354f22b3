"""Settings are attested by a person against a checklist."""

from typing import Literal

from policy.controls._control import Control, Sanction
from policy.parts import Count


class Attested(Control):
    """Somebody attests that an account's settings are as the checklist of its platform asks.

    `attest_every_days`: how long that holds. `attest_within_days`: it is due so many days after the account
    became live or was found, or after the checklist changed. `then`: what is suspended where it is not
    mended.

    Finds every live account without a current attestation in full. Asks whoever reports an account for the
    first. Never looks at settings itself.
    """

    use: Literal["attested"] = "attested"
    attest_every_days: Count
    attest_within_days: Count
    then: Sanction | None = None
