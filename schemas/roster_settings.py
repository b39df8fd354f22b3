"""The settings of the student information system whose roster is pulled: `STEWARD_ONEROSTER_…`."""

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class RosterSettings(BaseSettings):
    """Where OneRoster's REST service is, and how we prove ourselves. A part of `Settings`."""

    oneroster_url: str | None = Field(
        default=None,
        description="The service's address, such as https://sis.example.org/ims/oneroster/v1p1.",
    )
    oneroster_token_url: str | None = Field(default=None, description="Where it gives tokens.")
    oneroster_client_id: str = ""
    oneroster_client_secret: SecretStr | None = None

    @field_validator("oneroster_url", "oneroster_token_url")
    @classmethod
    def _is_safe(cls, given: str | None) -> str | None:
        """A secret goes there: only by https, or within this machine."""
        if given is None:
            return None
        parts = urlsplit(given)
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ValueError("it is an address such as https://sis.example.org/ims/oneroster/v1p1")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
            raise ValueError("people's data and a secret go there: it is https://")
        return given.rstrip("/")

    @field_validator("oneroster_url")
    @classmethod
    def _says_its_version(cls, given: str | None) -> str | None:
        if given is not None and "v1p1" not in given and "v1p2" not in given:
            raise ValueError("OneRoster 1.1 and 1.2 are understood: the address has v1p1 or v1p2 in it")
        return given
