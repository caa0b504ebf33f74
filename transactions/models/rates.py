"""Exchange rates, by which amounts in several currencies are compared."""

from django.db import models
from django.db.models import Q


class FxRate(models.Model):
    """Price of one unit of `currency` in US dollars from `day` on."""

    day = models.DateField()
    currency = models.CharField(max_length=3)
    usd = models.DecimalField(max_digits=20, decimal_places=10)

    class Meta:
        ordering = ("currency", "day")
        constraints = (
            models.UniqueConstraint(fields=("currency", "day"), name="transactions_fxrate_day"),
            models.CheckConstraint(condition=Q(usd__gt=0), name="transactions_fxrate_positive"),
        )

    def __str__(self) -> str:
        return f"{self.currency} {self.day}: {self.usd}"
