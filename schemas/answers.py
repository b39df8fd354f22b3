"""What a new installation must say before it can begin: the answers of `steward init`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

#: A plain mail address, in small letters.
Address = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
    ),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrganizationAnswers(_Part):
    """Whose installation it is. They take the place of the policy file's own under `[organization]`."""

    name: Said
    short_name: Said
    zone: Said = Field(description="An IANA name, such as America/Edmonton.")
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    province: Annotated[str, Field(pattern="^[A-Z0-9]{1,3}$")]
    domain: Said


class MailAnswers(_Part):
    """The mail server that letters leave by. Without a host they are caught on this machine."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: Address
    reply_to: Address
    test_letter_to: Address | None = None


class SignInAnswers(_Part):
    """How people sign in to the web pages, and the address that they use."""

    ways: frozenset[Literal["sample", "mail", "provider"]] = frozenset({"mail"})
    address: str = ""
    provider: str = ""
    provider_name: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    domain: str = ""


class HolderAnswers(_Part):
    """Who holds an office at the beginning."""

    given_name: Said
    family_name: Said
    email: Address


class Answers(_Part):
    """All of them. `policy`: the file to begin from; empty: the one that comes with Steward."""

    policy: str = ""
    organization: OrganizationAnswers
    mail: MailAnswers
    sign_in: SignInAnswers = SignInAnswers()
    offices: dict[str, HolderAnswers] = Field(default_factory=dict)
