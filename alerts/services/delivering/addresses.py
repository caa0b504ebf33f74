"""Where a connection may go: public addresses, and the networks that WEBHOOK_ALLOWED_NETWORKS names.

A name is resolved once and the very address that was checked is connected to, so that a name that answers
differently the second time (DNS rebinding) gains nothing.
"""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

NAT64 = ip_network("64:ff9b::/96")
GLOBAL_IPV6 = ip_network("2000::/3")  # all that is given out; site-local and NAT64 of a site lie outside
NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        *(
            "100.64.0.0/10",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "3fff::/20",
        ),  # shared, special, relays, examples
        "168.63.129.16/32",  # Azure's host, which looks public and is not
    )
)
ADDRESSES_TRIED = 4
_resolving = ThreadPoolExecutor(128, thread_name_prefix="resolve")


class AddressRefused(OSError):
    """The host is, or resolves to, an address that nothing may be sent to."""


def refused(address: str) -> bool:
    """True for what is not on the public internet and not allowed by setting.

    Private, loopback, link-local (cloud metadata too), multicast, reserved, unspecified; IPv6 forms of an
    IPv4 address count as that address.
    """
    plain = embedded(ip_address(address.partition("%")[0]))
    for one in {plain, ip_address(address.partition("%")[0])}:
        if any(one in network for network in settings.WEBHOOK_ALLOWED_NETWORKS):
            return False
    outside = plain.version == 6 and plain not in GLOBAL_IPV6
    special = any(plain in network for network in NOT_PUBLIC)
    return outside or special or not plain.is_global or plain.is_multicast


def embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside a mapped, 6to4, NAT64 or IPv4-compatible one; else the address itself."""
    if address.version == 4:
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and (address in NAT64 or 1 < int(address) < 2**32):
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def checked_addresses(host: str, port: int, timeout: float) -> list[tuple]:
    """(family, address tuple) of a host, each allowed; raises AddressRefused when any is not.

    The resolver knows decimal, octal and short forms, so those are seen as what they mean.
    """
    try:
        found = _resolving.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(timeout)
    except Late:
        raise TimeoutError(f"the name was not resolved within {timeout:g} s") from None
    except UnicodeError:
        raise AddressRefused("the host is no name that could be resolved") from None
    for *_, address in found:
        if refused(address[0]):
            raise AddressRefused(
                f"{address[0]} is a private or reserved address; WEBHOOK_ALLOWED_NETWORKS can allow it"
            )
    return [(family, address) for family, *_, address in found][:ADDRESSES_TRIED]


def connect(host: str, port: int, timeout: float) -> socket.socket:
    """A connection to the host within the time, by an address that was checked; raises OSError."""
    until = time.monotonic() + timeout
    failure: OSError = AddressRefused("the name has no address")
    for family, address in checked_addresses(host, port, timeout):
        link = socket.socket(family, socket.SOCK_STREAM)
        try:
            link.settimeout(max(0.05, until - time.monotonic()))
            link.connect(address)
            link.settimeout(timeout)
        except OSError as error:
            link.close()
            failure = error
        else:
            return link
    raise failure
