"""Which addresses are fetched: public web addresses only, in plain form.

Our own machine follows an address that somebody typed. So no address may lead into a private network, to this
machine or to a cloud's metadata service, in whatever form it is written.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from tasks.pages.port import PageUnreadable, Refusal

Ip = IPv4Address | IPv6Address

_LONGEST = 2000
_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2000-\u200f\u2028-\u202f\u3000\ufeff]")
_LOOKS_NUMERIC = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)\.?$", re.IGNORECASE)
_METADATA = frozenset(map(ip_address, ("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192")))
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Inside 2000::/3 and yet no public host: Teredo and other protocol uses, documentation, 6to4.
_NOT_HOSTS = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_RELAYS = ip_address("192.88.99.0").packed[:3]  # the anycast of 6to4


@dataclass(frozen=True)
class Target:
    """An address whose form is allowed. `host` is the name or number to be resolved."""

    url: httpx.URL
    host: str
    port: int


def parse(address: str, allow: frozenset[str]) -> Target:
    """The target of a web address. `allow` has host:port pairs that may be on another port or not public.

    Raises PageUnreadable (ADDRESS) with the reason.
    """
    if len(address) > _LONGEST:
        raise _refused(f"is longer than {_LONGEST} characters")
    if _FORBIDDEN.search(address):
        raise _refused("has a space, a backslash or a control character in it")
    try:
        url = httpx.URL(address)
        host = url.raw_host.decode("ascii").lower()
    except (httpx.InvalidURL, ValueError):
        raise _refused("is not a web address") from None
    if url.scheme not in _PORTS:
        raise _refused("does not begin with https:// or http://")
    if url.userinfo or "@" in url.netloc.decode("ascii", "replace"):
        raise _refused("has a user name or password in it")
    if not host or "%" in host:
        raise _refused("has no usable host")
    port = url.port or _PORTS[url.scheme]
    if pair(host, port) not in allow:
        if port not in _PORTS.values():
            raise _refused("names a port that web pages do not use")
        _plain_host(host)
    return Target(url.copy_with(fragment=None), host, port)


def pair(host: str, port: int) -> str:
    """Host and port as the setting `page_allow` writes them: `[::1]:8080`, `127.0.0.1:8080`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _plain_host(host: str) -> None:
    if ":" in host:
        return  # an IPv6 address: judged as an address
    if _LOOKS_NUMERIC.search(host):
        try:
            IPv4Address(host)
        except ValueError:
            raise _refused("writes a number where a host's name should be") from None
        return
    if "." not in host.rstrip("."):
        raise _refused("names a host without a domain")


def check(address: str, port: int, allow: frozenset[str]) -> None:
    """Refuse a numeric address that is not public (unless address and port are allowed).

    Raises PageUnreadable (NOT_PUBLIC).
    """
    try:
        ip = ip_address(address)
    except ValueError:
        raise PageUnreadable(Refusal.NAME, "The page's host name has no usable address.") from None
    if pair(str(ip), port) not in allow and not public(ip):
        what = "The page was not fetched: its address leads into a private network, not to a public page."
        raise PageUnreadable(Refusal.NOT_PUBLIC, what)


def public(ip: Ip) -> bool:
    """Whether this is the address of a public host. Addresses that carry another one are unwrapped."""
    if isinstance(ip, IPv6Address):
        if ip.scope_id is not None:
            return False
        if ip.ipv4_mapped is not None:
            return public(ip.ipv4_mapped)
        if ip in _NAT64:
            return public(IPv4Address(ip.packed[12:]))
        isatap = ip.packed[8:12] in {b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"}
        hosts = ip in _GLOBAL_UNICAST and not any(ip in network for network in _NOT_HOSTS)
        return hosts and ip.is_global and not isatap
    relay = ip.packed[:3] == _RELAYS
    special = ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local or ip.is_unspecified
    return ip.is_global and not special and not relay and ip not in _METADATA


def _refused(why: str) -> PageUnreadable:
    return PageUnreadable(Refusal.ADDRESS, f"The page was not fetched: its address {why}.")
