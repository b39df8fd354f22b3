"""Where this installation keeps its things and whom it talks to: variables that begin with `STEWARD_`.

They come from the environment, and what is not there from the file `steward.env` of the data directory, which
`steward init` writes.

What the *policy* asks is not here: it is in policy/ap151.toml.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import SettingsConfigDict, SettingsError

from schemas.errors import BadSettings
from schemas.machine_settings import MachineSettings
from schemas.portal_settings import PortalSettings
from schemas.roster_settings import RosterSettings

ROOT = Path(__file__).resolve().parent.parent


#: No port has this number or a higher one.
_PORTS = 65536


class Settings(PortalSettings, MachineSettings, RosterSettings):
    """Read once per process by `load()`; frozen."""

    model_config = SettingsConfigDict(env_prefix="STEWARD_", frozen=True, extra="ignore")

    data_dir: Path = Field(default=ROOT / ".steward", description="Where everything local is kept.")
    database_url: str | None = Field(
        default=None, description="SQLAlchemy async URL of the store; default: a SQLite file in data_dir."
    )
    policy_file: Path = ROOT / "policy" / "ap151.toml"
    sample: bool = Field(
        default=True, description="Whether a start loads a made-up organization where nobody is stored yet."
    )

    run_forms: Literal["undoable", "wordless", "all", "none"] = Field(
        default="undoable",
        description="Which acts Prefect's run forms record: those that can be undone, of these the ones that "
        "hold no free text, all, or none.",
    )

    heads_file: Path | None = Field(
        default=None, description="Each night the signed head of the audit chain is added to this file."
    )
    heads_address: str | None = Field(
        default=None, description="Each night the signed head of the audit chain goes to this mail address."
    )

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 2525
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        default="none", description="Certificates are verified for starttls and tls."
    )
    smtp_ca_file: Path | None = Field(
        default=None, description="PEM file of the authorities to trust; default: the machine's own."
    )
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_timeout_seconds: float = 20.0
    mail_from: str = "Steward <steward@example.org>"
    mail_reply_to: str = "communications@example.org"

    prefect_port: int = 4200
    prefect_keep_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="So long Prefect keeps ended runs, with their logs and artifacts.",
    )
    prefect_keep_event_days: int = Field(
        default=3, ge=1, le=3650, description="So long Prefect keeps its own events."
    )
    mail_port: int = 2525

    page_browser: bool = Field(
        default=True,
        description="Whether a browser looks at pages that leave a doubt when read as they come.",
    )
    page_browser_program: Path = Field(
        default=Path("/usr/bin/chromium"), description="Chromium; where there is none no browser looks."
    )
    page_allow: frozenset[str] = Field(
        default=frozenset(),
        description="host:port pairs that may be fetched although they are not public; for tests only.",
    )

    @field_validator("page_allow")
    @classmethod
    def _pairs(cls, given: frozenset[str]) -> frozenset[str]:
        for one in given:
            _, _, port = one.rpartition(":")
            if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < _PORTS):
                raise ValueError("each is a host and a port, such as 127.0.0.1:8080")
        return given

    @property
    def store_url(self) -> str:
        """The store's URL, with its default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'steward.db'}"

    @property
    def shared_dir(self) -> Path:
        """Where files lie that one machine writes and another reads."""
        return self.files_dir or self.data_dir

    @property
    def mailbox(self) -> Path:
        """Where the local mail catcher keeps what it caught."""
        return self.data_dir / "mail"


#: Where settings are kept in the data directory.
FILE = "steward.env"


def load() -> Settings:
    """The settings from the environment, else from the data directory's file.

    Raises BadSettings with the variable's name and the reason.
    """
    try:
        home = Path(os.environ.get("STEWARD_DATA_DIR") or Settings.model_fields["data_dir"].default)
        return Settings(_env_file=home / FILE)
    except SettingsError as error:
        name = next((one for one in Settings.model_fields if f'"{one}"' in str(error)), "…")
        raise BadSettings(
            f'The setting STEWARD_{name.upper()} can\'t be used: it is no JSON, such as ["host:port"].'
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        name = "STEWARD_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadSettings(f"The setting {name} can't be used: {first['msg']}.") from None
