"""Reading events for lists and pages."""

import ipaddress

from django.db.models import Q, QuerySet

from transactions.models import Transaction

SEARCHED_EXACTLY = ("transaction_id", "sender_id", "receiver_id", "merchant_id", "card_token", "device_id")


def transaction_list() -> QuerySet[Transaction]:
    """Current versions, newest arrival first, with customer and client at hand."""
    return (
        Transaction.objects.filter(superseded_by__isnull=True)
        .select_related("customer", "client")
        .order_by("-id")
    )


def found_by_text(queryset: QuerySet[Transaction], text: str) -> QuerySet[Transaction]:
    """Events one of whose ids is the text, whose address is it, or whose customer's name begins with it."""
    wanted = Q(customer__name__istartswith=text) | Q(customer__external_id=text)
    for field in SEARCHED_EXACTLY:
        wanted |= Q(**{field: text})
    if _looks_like_address(text):
        wanted |= Q(ip_address=text)
    return queryset.filter(wanted)


def _looks_like_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
