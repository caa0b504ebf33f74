"""What was asked of the API."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class ApiCall(models.Model):
    """One call and its outcome; bodies only of a sample, with secrets taken out.

    Written in batches behind the answers (logs/services/calls/), so ids are in order of writing.
    """

    at = models.DateTimeField(help_text="When it came in.")
    caller_kind = models.CharField(max_length=8, help_text="user, key or nobody.")
    caller = models.CharField(max_length=150, blank=True)
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=128)
    path = models.CharField(max_length=200)
    status = models.SmallIntegerField()
    latency_us = models.IntegerField(help_text="Microseconds until the answer was ready.")
    request_id = models.CharField(max_length=64)
    bytes_in = models.BigIntegerField()
    bytes_out = models.BigIntegerField(null=True, help_text="NULL: streamed.")
    address = models.GenericIPAddressField(null=True)
    request_body = models.TextField(null=True, blank=True)
    response_body = models.TextField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("request_id",), name="logs_apicall_request"),
            models.Index(fields=("-id",), condition=models.Q(status__gte=400), name="logs_apicall_failed"),
            BrinIndex(fields=("at",), name="logs_apicall_at"),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"

    @property
    def latency_ms(self) -> float:
        return self.latency_us / 1000
