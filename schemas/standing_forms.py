"""What people hand in around a suspension: asking for an account's return, taking hold of an account."""

from typing import Self

from pydantic import Field, model_validator

from schemas.forms import Email, Form, Line, Reason


class ReturnForm(Form):
    """Somebody asks Communications to bring a suspended account back (10)."""

    account: int = Field(title="Account number", ge=1)
    person: Email = Field(title="Who asks")
    reason: Reason = Field(
        title="Reason", description="What was wrong and what was done; Communications reads it."
    )


class HoldForm(Form):
    """Communications, or the principal of a classroom account, can reach an account now (5.5, 6.2)."""

    account: int = Field(title="Account number", ge=1)
    person: Email = Field(title="Who says so")
    vault_reference: Line = Field(
        default="",
        title="Vault reference",
        description="The name of the entry in the division's vault; never the password itself.",
    )
    custodian_is_administrator: bool = Field(
        default=False,
        title="Is an administrator",
        description="Communications, or the principal of a classroom account, is an administrator of it.",
    )

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        if not self.vault_reference and not self.custodian_is_administrator:
            raise ValueError("say how it can be reached: a vault reference, or as an administrator")
        return self


class NoticeSeenForm(Form):
    """Somebody saw the notice on a page that can't be read by Steward (8)."""

    account: int = Field(title="Account number", ge=1)
    person: Email = Field(title="Who saw it")
    evidence: Reason = Field(
        title="What shows it", description="Where the picture of the page is kept, or how you looked."
    )
    linked: bool = Field(
        default=False,
        title="By a link",
        description="The profile links to the notice instead of carrying it.",
    )


class ProfileSeenForm(Form):
    """Somebody saw an owner's name and position on a profile that can't be read by Steward (6.3)."""

    account: int = Field(title="Account number", ge=1)
    person: Email = Field(title="Who saw it")
    owner: Email = Field(title="Whose name and position", description="One who administers the account.")
    evidence: Reason = Field(
        title="What shows it", description="Where the picture of the profile is kept, or how you looked."
    )
