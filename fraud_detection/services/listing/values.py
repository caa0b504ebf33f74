"""What may stand on a list: the value as events carry it, on a list of its kind."""

import ipaddress
import re

from fraud_detection.models import ALLOW, BLOCK, CustomList, ListEntry, ListKind
from logs.redacting import mask_cards

LONGEST = ListEntry._meta.get_field("value").max_length
LONGEST_REASON = ListEntry._meta.get_field("reason").max_length
ENTITY_LISTS = (BLOCK, ALLOW)


class EntryRefused(ValueError):
    """What cannot stand on a list; the message says why, `field` names what is wrong."""

    def __init__(self, message: str, field: str = "value"):
        super().__init__(message)
        self.field = field


def listed_value(kind: str, value: str) -> str:
    """The value as events carry it, card numbers masked as in them; raises EntryRefused."""
    value = mask_cards(value.strip())
    if kind == ListKind.IP:
        return _address(value)
    if kind == ListKind.IP_RANGE:
        return _range(value)
    if kind == ListKind.EMAIL_DOMAIN:
        value = value.lower().removeprefix("@")
    if kind == ListKind.COUNTRY:
        value = value.upper()
        if not re.fullmatch(r"[A-Z]{2}", value):
            raise EntryRefused(f"'{value[:40]}' is not a two-letter ISO 3166 code")
    if not value or not value.isprintable():
        raise EntryRefused("must be printable text, not blank")
    if len(value) > LONGEST:
        raise EntryRefused(f"has {len(value):,} characters; at most {LONGEST} are taken")
    return value


def listed_reason(reason: str) -> str:
    """A reason people can read; raises EntryRefused."""
    reason = mask_cards(reason.strip())
    if not reason or not reason.replace("\n", " ").isprintable():
        raise EntryRefused("say why, in printable text", "reason")
    if len(reason) > LONGEST_REASON:
        raise EntryRefused(f"has {len(reason):,} characters; at most {LONGEST_REASON} are taken", "reason")
    return reason


def check_list(name: str, kind: str) -> None:
    """Raises EntryRefused unless there is such a list and it holds this kind."""
    if kind not in ListKind.values:
        raise EntryRefused(f"'{kind[:40]}' is not one of {', '.join(ListKind.values)}", "kind")
    if name in ENTITY_LISTS:
        if kind == ListKind.WORD:
            raise EntryRefused("block and allow hold entities; words go on a custom list", "kind")
        return
    custom = CustomList.objects.filter(name=name, removed_at=None).first()
    if custom is None:
        raise EntryRefused(f"there is no list '{name[:64]}'; make it first, or use block or allow", "list")
    if custom.kind != kind:
        raise EntryRefused(f"the list '{name}' holds entries of kind '{custom.kind}'", "kind")


def _address(value: str) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise EntryRefused(f"'{value[:64]}' is not an IPv4 or IPv6 address") from None
    if getattr(address, "scope_id", None) is not None:
        raise EntryRefused(f"'{value[:64]}' names an interface of one machine; leave it out")
    return str(address)


def _range(value: str) -> str:
    try:
        network = ipaddress.ip_network(value.replace("%", " "), strict=False)
    except ValueError:
        raise EntryRefused(f"'{value[:64]}' is not a range like 10.0.0.0/8 or 2001:db8::/32") from None
    if "/" not in value:
        raise EntryRefused(f"'{value[:64]}' is one address; give its length too, or use kind ip")
    if str(network.network_address) != str(ipaddress.ip_address(value.partition("/")[0])):
        raise EntryRefused(f"'{value[:64]}' does not begin a range; the range it lies in is {network}")
    if network.prefixlen == 0:
        raise EntryRefused("a range of every address there is would end all decisions; narrow it")
    return str(network)
