"""Columns that never hold a card number, whoever writes them.

A value is masked on its way to the database, also as the value of a filter: who asks for a full card
number finds what is kept of that card. For a migration they are Django's own fields.
"""

from typing import Any

from django.db import models

from logs.redacting.masking import fits, mask_cards_in

OWN_IDS = frozenset({"transaction_id", "application_id", "claim_id", "event_id", "external_id"})


class CardSafe(models.Field):
    """What the columns below share."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        plain = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("django."))
        return name, f"django.db.models.{plain.__name__}", args, kwargs

    def masked(self, value: Any) -> Any:
        masked = mask_cards_in(value, OWN_IDS) if isinstance(value, str | dict | list) else value
        if isinstance(masked, str) and masked is not value and self.max_length:
            return fits(masked, self.max_length)
        return masked

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        masked = self.masked(value)
        if masked is not value:
            setattr(model_instance, self.attname, masked)
        return masked

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(self.masked(value))


class CardSafeCharField(CardSafe, models.CharField):
    """A short text."""


class CardSafeTextField(CardSafe, models.TextField):
    """A long text."""


class CardSafeEmailField(CardSafe, models.EmailField):
    """An e-mail address."""


class CardSafeJSONField(CardSafe, models.JSONField):
    """A JSON value, masked in names and in whole numbers too; ids of events stay as they are."""
