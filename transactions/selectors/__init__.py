"""Reading events for lists and pages, and what ties customers together."""

from transactions.selectors.events import found_by_card, found_by_text, transaction_list

__all__ = ["found_by_card", "found_by_text", "transaction_list"]
