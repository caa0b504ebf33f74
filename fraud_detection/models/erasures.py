"""The erasure of a customer: asked for by one person, carried out by another, step by step."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from logs.redacting.fields import CardSafeTextField


class ErasureState(models.TextChoices):
    ASKED = "asked", "Waits for a second person"
    RUNNING = "running", "Being carried out"
    DONE = "done", "Carried out"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ErasureRequest(models.Model):
    """One erasure. `step` and `cursor` say how far it is, so that another process goes on where one died.

    `sealed` holds what is being erased and the secret of the pseudonyms, encrypted; it is emptied with the
    last step, and nothing leads back from the pseudonyms then.
    """

    customer = models.ForeignKey("users.Customer", on_delete=models.PROTECT, related_name="erasures")
    state = models.CharField(max_length=16, choices=ErasureState, default=ErasureState.ASKED)
    reason = CardSafeTextField(max_length=1000)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField(default=timezone.now)
    carried_out_by = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    step = models.PositiveSmallIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    changed = models.JSONField(default=dict, help_text="Rows changed, by step.")
    sealed = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("customer",),
                condition=Q(state__in=(ErasureState.ASKED, ErasureState.RUNNING)),
                name="fraud_one_live_erasure",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(ErasureState.RUNNING, ErasureState.DONE))
                | (~Q(carried_out_by="") & ~Q(carried_out_by=models.F("asked_by"))),
                name="fraud_erasure_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state=ErasureState.DONE) | Q(sealed=""), name="fraud_erasure_forgets"
            ),
        )

    def __str__(self) -> str:
        return f"Erasure {self.pk}"
