"""Predictions that were made elsewhere and are kept beside our own, never among them."""

from django.db import models
from django.utils import timezone

from fraud_detection.models.assessment import Decision
from fraud_detection.models.governance import Engine
from logs.redacting.fields import CardSafeCharField, CardSafeJSONField


class ExternalPrediction(models.Model):
    """What another system's model said of an event, told by a client system; never changed afterwards.

    `external_id` is the event's id at that client, whether or not the event is stored here.
    `fraud_probability` is 0-1 and `risk_score` 0-100, each NULL where it was not told; `reasons` are
    {code, text, contribution}. No figure of ours counts these rows.
    """

    client = models.ForeignKey("users.ClientSystem", on_delete=models.PROTECT, related_name="+")
    engine = models.CharField(max_length=16, choices=Engine)
    external_id = models.CharField(max_length=128)
    model_name = CardSafeCharField(max_length=100)
    model_version = models.CharField(max_length=64)
    fraud_probability = models.FloatField(null=True)
    risk_score = models.FloatField(null=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    reasons = CardSafeJSONField(default=list)
    occurred_at = models.DateTimeField("made at")
    received_at = models.DateTimeField(default=timezone.now)
    told_by = models.CharField(max_length=150)
    body_digest = models.BinaryField(max_length=16, help_text="Tells whether the same was told again.")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("client", "external_id", "engine", "model_name", "model_version"),
                name="fraud_external_prediction_once",
            ),
            models.CheckConstraint(
                condition=models.Q(fraud_probability=None) | models.Q(fraud_probability__range=(0, 1)),
                name="fraud_external_probability",
            ),
            models.CheckConstraint(
                condition=models.Q(risk_score=None) | models.Q(risk_score__range=(0, 100)),
                name="fraud_external_score",
            ),
        )

    def __str__(self) -> str:
        return f"{self.model_name} {self.model_version} on {self.external_id}"
