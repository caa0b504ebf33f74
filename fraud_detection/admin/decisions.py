"""Decisions, their hits, and searches that go on after them."""

from django.contrib import admin

from fraud_detection.admin.inlines import ReadOnlyInline
from fraud_detection.models import (
    Assessment,
    DeepSearch,
    ExternalPrediction,
    RuleHit,
)
from users.admin_access import RoleAdmin


class RuleHitInline(ReadOnlyInline):
    model = RuleHit
    fields = ("rule", "rule_version", "severity", "confidence", "reason", "alert", "late")


@admin.register(Assessment)
class AssessmentAdmin(RoleAdmin):
    editable = False
    list_display = (
        "external_id",
        "engine",
        "decided_at",
        "decision",
        "risk_score",
        "model_version",
        "degraded",
    )
    list_filter = ("decision", "risk_level", "engine", "degraded")
    search_fields = ("=transaction__transaction_id", "=customer__external_id")
    list_select_related = ("transaction", "customer")
    exclude = ("features",)
    inlines = (RuleHitInline,)


@admin.register(RuleHit)
class RuleHitAdmin(RoleAdmin):
    editable = False
    list_display = ("rule", "severity", "confidence", "reason", "alert")
    list_filter = ("severity", "rule")
    list_select_related = ("alert",)


@admin.register(DeepSearch)
class DeepSearchAdmin(RoleAdmin):
    editable = False
    list_display = ("event", "asked_at")
    list_select_related = ("event",)


@admin.register(ExternalPrediction)
class ExternalPredictionAdmin(RoleAdmin):
    editable = False
    list_display = (
        "external_id",
        "engine",
        "model_name",
        "model_version",
        "decision",
        "risk_score",
        "client",
    )
    list_filter = ("engine", "decision")
    search_fields = ("=external_id",)
    list_select_related = ("client",)
    exclude = ("body_digest",)
