"""Keys of personal values in the audit trail, and reading what they encrypt."""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.db import models
from django.utils import timezone

from logs.encryption import SealBroken, Sealer
from logs.redacting.fields import CardSafeJSONField

SEALED_FOR, SEALED, NAMES = "sealed_for", "sealed", "sealed_names"
ERASED, UNREADABLE = "[erased]", "[unreadable: SECRET_KEY changed]"
_sealer = Sealer("audit subjects ", "add the former one to SECRET_KEY_FALLBACKS")


class SubjectKey(models.Model):
    """The key of what the audit trail says of one customer, itself encrypted under SECRET_KEY.

    The trail is never changed: deleting this row is what erases the values there. Negative keys belong to
    rows that no customer is known for (see logs.services.personal.about_row).
    """

    subject = models.BigIntegerField(
        primary_key=True, help_text="A customer's id, as text-like as the trail."
    )
    sealed_key = models.TextField(editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("subject",)

    def __str__(self) -> str:
        return f"key of {self.subject}"

    @property
    def cipher(self) -> Fernet:
        """Raises SealBroken."""
        return Fernet(_sealer.unseal(self.sealed_key))


def fresh_key() -> str:
    """A new key, encrypted."""
    return _sealer.seal(Fernet.generate_key().decode())


class PersonalJSONField(CardSafeJSONField):
    """JSON whose personal members are encrypted in the row, and readable here while their key stands."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return readable(super().from_db_value(value, expression, connection))


def readable(values: Any) -> Any:
    """Values of a deed with their personal members; "[erased]" for each whose key is gone."""
    if not isinstance(values, dict) or SEALED_FOR not in values:
        return values
    rest = {name: inner for name, inner in values.items() if name not in (SEALED_FOR, SEALED, NAMES)}
    key = SubjectKey.objects.filter(pk=values[SEALED_FOR]).first()
    try:
        told = json.loads(key.cipher.decrypt(values[SEALED])) if key else dict.fromkeys(values[NAMES], ERASED)
    except (SealBroken, InvalidToken):
        told = dict.fromkeys(values[NAMES], UNREADABLE)
    return rest | told
