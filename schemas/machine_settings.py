"""The settings of several machines: who this one is, and where it finds what runs on the others."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings


class MachineSettings(BaseSettings):
    """What one machine of several needs to know. A part of `Settings`; on one machine none of it is set."""

    machine: str = Field(
        default="local",
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}$",
        description="This machine's name among several: its worker has it, and so have its runs.",
    )
    files_dir: Path | None = Field(
        default=None,
        description="A folder that every machine reaches, for files that one writes and another reads; "
        "default: the data directory.",
    )
    prefect_url: str | None = Field(
        default=None,
        description="The address of Prefect's API on other machines, such as "
        "https://prefect.example.org/api; default: the one that is started here.",
    )
    prefect_auth: SecretStr | None = Field(
        default=None, description="The login of that API; default: the one that is made here."
    )
    prefect_host: str = Field(
        default="127.0.0.1", description="The address that an API server of this machine listens on."
    )
    prefect_database_url: SecretStr | None = Field(
        default=None, description="Prefect's own database, for the API servers and the services."
    )
    redis_url: SecretStr | None = Field(
        default=None, description="Redis, by which the API servers and the services talk."
    )

    @field_validator("prefect_url")
    @classmethod
    def _api(cls, given: str | None) -> str | None:
        if given is not None and not given.startswith(("http://", "https://")):
            raise ValueError("it is an address such as https://prefect.example.org/api")
        return None if given is None else given.rstrip("/")
