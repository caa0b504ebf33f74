"""What models of customers said: who is likely to leave debts unpaid, and why."""

from django.db import models
from django.utils import timezone

from fraud_detection.models.governance import ModelVersion
from logs.redacting.fields import CardSafeJSONField


class CustomerPrediction(models.Model):
    """One model's word on one customer, renewed when the customer's attributes or the threshold changed.

    `unpaid` is the class: the probability reached `threshold` (0 to 1). `inputs_digest` names the
    attributes and the threshold that it was made from, so that a rerun knows what is still true.
    `reasons` are {code, text, contribution}, the strongest first.
    """

    customer = models.ForeignKey("users.Customer", on_delete=models.CASCADE, related_name="predictions")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, db_index=False, related_name="+")
    probability = models.FloatField()
    threshold = models.FloatField()
    unpaid = models.BooleanField("likely to leave debts unpaid")
    reasons = CardSafeJSONField(default=list)
    inputs_digest = models.CharField(max_length=32)
    predicted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("customer", "model"), name="fraud_customer_prediction_once"),
            models.CheckConstraint(
                condition=models.Q(probability__range=(0, 1)), name="fraud_customer_probability"
            ),
        )
        indexes = (
            models.Index(fields=("model", "-probability", "-customer"), name="fraud_customer_riskiest"),
        )

    def __str__(self) -> str:
        return f"{self.customer} by {self.model}"
