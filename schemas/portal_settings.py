"""The settings of the web pages: `STEWARD_PORTAL_…`."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

#: Here a name to sign in with is the word of whichever tenant somebody comes from.
_MICROSOFT, _MANY_TENANTS = "login.microsoftonline.com", {"", "common", "organizations", "consumers"}
#: Characters of the secret of a learning-record store: nobody tries so many.
_LEAST_SECRET = 24
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class PortalSettings(BaseSettings):
    """Where the pages are, who may ask for them, and how people sign in. A part of `Settings`."""

    portal_port: int = 4280
    portal_host: str = Field(default="127.0.0.1", description="The address that it listens on.")
    portal_metrics_port: int | None = Field(
        default=None,
        description="Figures for Prometheus, on this port of loopback; default: none.",
    )
    portal_url: str | None = Field(
        default=None,
        description="The address that people use, such as https://accounts.example.org; default: loopback.",
    )
    portal_proxies: frozenset[str] = Field(
        default=frozenset(), description="Addresses of the proxies whose word on the client is taken."
    )
    portal_sign_in: frozenset[Literal["sample", "mail", "provider"]] = Field(
        default=frozenset({"sample", "mail"}),
        description="How people sign in. `sample` (pick a person) works on loopback only.",
    )
    portal_provider: str | None = Field(
        default=None, description="The issuer of the OpenID provider, such as https://accounts.google.com."
    )
    portal_provider_name: str = Field(default="school account", description="As the sign-in page calls it.")
    portal_client_id: str = ""
    portal_client_secret: SecretStr | None = None
    portal_domain: str | None = Field(
        default=None, description="With Google: the Workspace domain (`hd`) that people must be of."
    )
    portal_session_hours: float = Field(default=12, gt=0, le=720)
    portal_fresh_minutes: float = Field(
        default=15,
        gt=0,
        le=720,
        description="How old a sign-in may be when somebody does what reaches far.",
    )
    portal_xapi_as: str | None = Field(
        default=None,
        description="Address of the person in whose name statements of a learning-record store come in.",
    )
    portal_xapi_secret: SecretStr | None = Field(
        default=None, description="What such a store proves itself with; without it `/xapi` is not there."
    )

    @field_validator("portal_url")
    @classmethod
    def _address(cls, given: str | None) -> str | None:
        if given is None:
            return None
        parts = urlsplit(given)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise ValueError("it is an address without a path, such as https://accounts.example.org")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("people's browsers need https:// there")
        return given.rstrip("/")

    @model_validator(mode="after")
    def _stays_here(self) -> "PortalSettings":
        if "sample" in self.portal_sign_in and not self.portal_is_local:
            raise ValueError(
                "with STEWARD_PORTAL_SIGN_IN=sample anybody can be anybody: listen on 127.0.0.1 with no "
                'public STEWARD_PORTAL_URL, or take it out, as in ["mail"]'
            )
        parts = urlsplit(self.portal_provider or "")
        if parts.hostname == _MICROSOFT and parts.path.strip("/").partition("/")[0] in _MANY_TENANTS:
            raise ValueError(
                "STEWARD_PORTAL_PROVIDER must name your own tenant, as login.microsoftonline.com/…/v2.0: "
                "in another one anybody can be called as they like"
            )
        secret = self.portal_xapi_secret
        if secret is not None and (len(secret.get_secret_value()) < _LEAST_SECRET or not self.portal_xapi_as):
            raise ValueError(
                f"STEWARD_PORTAL_XAPI_SECRET has at least {_LEAST_SECRET} characters, and needs "
                "STEWARD_PORTAL_XAPI_AS"
            )
        if "provider" in self.portal_sign_in and not (self.portal_provider and self.portal_client_id):
            raise ValueError(
                "STEWARD_PORTAL_SIGN_IN=provider needs STEWARD_PORTAL_PROVIDER and STEWARD_PORTAL_CLIENT_ID"
            )
        return self

    @property
    def portal_is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return (
            self.portal_host in LOOPBACK
            and (urlsplit(self.portal_address).hostname or "") in LOOPBACK
            and not self.portal_proxies
        )

    @property
    def portal_address(self) -> str:
        """The address that people use, without a slash at its end."""
        return self.portal_url or f"http://127.0.0.1:{self.portal_port}"

    @property
    def portal_is_secure(self) -> bool:
        """Whether people reach it by https."""
        return self.portal_address.startswith("https://")
