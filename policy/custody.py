"""Who else can reach an account besides its administrators."""

from typing import Protocol

from policy.controls.custody import Custody
from policy.model import Policy
from policy.model.lists import CustodyEvidence
from schemas.words import CustodyMode


class CustodyFacts(Protocol):
    """What is known of an account's custody."""

    @property
    def custody(self) -> CustodyMode: ...  # noqa: D102
    @property
    def vault_reference(self) -> str | None: ...  # noqa: D102
    @property
    def custodian_is_administrator(self) -> bool: ...  # noqa: D102


def custody_lacks(facts: CustodyFacts, policy: Policy, level: str = "") -> str | None:
    """What is missing, as a sentence for an administrator; None where the evidence is enough.

    The office that its level's control names is an administrator of it, or a vault reference stands, as its
    mode allows. `level`: of the account, so that the office is named.
    """
    enough = policy.custody_terms(facts.custody).evidence
    if CustodyEvidence.VAULT_REFERENCE in enough and facts.vault_reference:
        return None
    if CustodyEvidence.CUSTODIAN in enough and facts.custodian_is_administrator:
        return None
    ways = {
        CustodyEvidence.VAULT_REFERENCE: "give the name of the vault entry that holds its credentials",
        CustodyEvidence.CUSTODIAN: f"make {_keeper(policy, level)} an administrator of it on its platform, "
        "and say so",
    }
    return f"Custody by {facts.custody} is not shown: {', or '.join(ways[way] for way in enough)}."


def _keeper(policy: Policy, level: str) -> str:
    offices = [policy.label(one.office) for one in policy.applying(Custody, level=level)] if level else []
    return f"the {offices[0]}" if offices else "who must be able to reach it"
