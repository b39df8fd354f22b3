"""Whether the ports are free, before anything is started."""

import socket
from collections.abc import Mapping

from schemas.errors import BadSettings

HOST = "127.0.0.1"


class PortTaken(BadSettings):
    """Something else listens on a port of ours."""


def check(wanted: Mapping[str, int]) -> None:
    """Raise PortTaken unless every port can be had. `wanted` is setting -> port."""
    seen: dict[int, str] = {}
    for setting, port in wanted.items():
        if port in seen:
            raise PortTaken(f"{seen[port]} and {setting} are both {port}: set one of them to another port.")
        seen[port] = setting
        if not _free(port):
            raise PortTaken(
                f"Port {port} is taken by another program: stop that one, or set {setting} to a free port."
            )


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
