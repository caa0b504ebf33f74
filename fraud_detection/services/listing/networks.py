"""Ranges of addresses, looked up in a few microseconds however many there are. Pure."""

import ipaddress
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Standing(NamedTuple):
    """A range on the block or the allow list; `expires_at` None: until it is removed."""

    list: str
    value: str
    expires_at: datetime | None


class Networks:
    """Entries by version, prefix length and the network's leading bits.

    Asking costs one look into a dictionary for each length that occurs, so 10,000 ranges cost what ten do.
    An IPv4 address in its IPv6 form (`::ffff:10.0.0.1`) is in the ranges of both.
    """

    def __init__(self, entries: Iterable[Standing] = ()) -> None:
        found: dict[int, dict[int, dict[int, list[Standing]]]] = {4: {}, 6: {}}
        for entry in entries:
            network = ipaddress.ip_network(entry.value)
            bits = network.max_prefixlen - network.prefixlen
            by_bits = found[network.version].setdefault(bits, {})
            by_bits.setdefault(int(network.network_address) >> bits, []).append(entry)
        self._found = {version: tuple(sorted(lengths.items())) for version, lengths in found.items()}

    def holding(self, address: str, now: datetime) -> list[Standing]:
        """The entries that stand now and hold the address, narrowest first; none for what is no address."""
        if not (self._found[4] or self._found[6]):
            return []
        try:
            asked = ipaddress.ip_address(address)
        except ValueError:
            return []
        forms: tuple[Address, ...] = (asked,)
        if asked.version == 6 and asked.ipv4_mapped is not None:
            forms = (asked, asked.ipv4_mapped)
        return [entry for form in forms for entry in self._of(form) if _stands(entry, now)]

    def _of(self, address: Address) -> Iterable[Standing]:
        number = int(address)
        for bits, known in self._found[address.version]:
            yield from known.get(number >> bits, ())


def _stands(entry: Standing, now: datetime) -> bool:
    return entry.expires_at is None or entry.expires_at > now
