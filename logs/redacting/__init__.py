"""What must not be kept or logged: card numbers are masked and hashed, secrets are hidden."""

from logs.redacting.masking import fits, mask_cards, mask_cards_in, may_hold_cards, token_of
from logs.redacting.secrets import HIDDEN, redact, redact_text

__all__ = [
    "HIDDEN",
    "fits",
    "mask_cards",
    "mask_cards_in",
    "may_hold_cards",
    "redact",
    "redact_text",
    "token_of",
]
