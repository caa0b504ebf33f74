"""Customers who are watched."""

from django.db import models
from django.utils import timezone

from logs.redacting.fields import CardSafeCharField, CardSafeEmailField, CardSafeJSONField


class Customer(models.Model):
    """A monitored person or business, made on first sight of its external id."""

    external_id = CardSafeCharField(max_length=128, unique=True)
    name = CardSafeCharField(max_length=200, blank=True)
    email = CardSafeEmailField(blank=True)
    home_country = models.CharField(max_length=2, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    segment = CardSafeCharField(max_length=64, blank=True)
    attributes = CardSafeJSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("external_id",)

    def __str__(self) -> str:
        return self.name or self.external_id
