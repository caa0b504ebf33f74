"""Reading events for lists and pages."""

import ipaddress
import re

from django.db.models import Q, QuerySet

from logs.redacting import mask_cards
from transactions.models import Transaction
from transactions.models.transaction import CARD_TAIL, MASKED_CARD

SEARCHED_EXACTLY = ("transaction_id", "sender_id", "receiver_id", "merchant_id", "card_token", "device_id")

# 1111, 4111111111, 411111 1111, 411111******1111 and 411111...1111: what a receipt shows of a card.
PART_OF_CARD = re.compile(r"(?:(?P<first>[0-9]{6})[ *.xX•…-]{0,16})?(?P<last>[0-9]{4})", re.ASCII)


def transaction_list() -> QuerySet[Transaction]:
    """Current versions, newest arrival first, with customer and client at hand."""
    return (
        Transaction.objects.filter(superseded_by__isnull=True)
        .select_related("customer", "client")
        .order_by("-id")
    )


def found_by_text(queryset: QuerySet[Transaction], text: str) -> QuerySet[Transaction]:
    """Events one of whose ids is the text, whose address is it, or whose customer's name begins with it.

    The end of a card number finds its payments too, see found_by_card.
    """
    wanted = Q(customer__name__istartswith=mask_cards(text)) | Q(customer__external_id=text)
    for field in SEARCHED_EXACTLY:
        wanted |= Q(**{field: text})
    if _looks_like_address(text):
        wanted |= Q(ip_address=text)
    if part := _of_card(text):
        queryset, wanted = queryset.alias(card_tail=CARD_TAIL), wanted | part
    return queryset.filter(wanted)


def found_by_card(queryset: QuerySet[Transaction], text: str) -> QuerySet[Transaction]:
    """Events paid with a card number that ends in the text, or begins and ends as it says; else none.

    The index `transactions_card_tail` answers this newest first.
    """
    part = _of_card(text)
    return queryset.alias(card_tail=CARD_TAIL).filter(part) if part else queryset.none()


def _of_card(text: str) -> Q | None:
    """Needs the alias card_tail."""
    part = PART_OF_CARD.fullmatch(text.strip())
    if part is None:
        return None
    wanted = MASKED_CARD & Q(card_tail=part["last"])
    return wanted & Q(card_token__startswith=part["first"]) if part["first"] else wanted


def _looks_like_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
