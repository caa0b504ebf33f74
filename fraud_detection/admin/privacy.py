"""Reviews that customers asked for, and erasures: made and settled on their own pages."""

from django.contrib import admin

from fraud_detection.models import ErasureRequest, ReviewRequest
from users.admin_access import RoleAdmin


@admin.register(ReviewRequest)
class ReviewRequestAdmin(RoleAdmin):
    editable = False
    list_display = ("id", "assessment_id", "customer", "state", "asked_by", "asked_at", "due_at")
    list_filter = ("state",)
    search_fields = ("=customer__external_id",)
    raw_id_fields = ("assessment", "customer", "alert", "resolved_by")


@admin.register(ErasureRequest)
class ErasureRequestAdmin(RoleAdmin):
    editable = False
    list_display = ("id", "customer", "state", "asked_by", "asked_at", "carried_out_by", "ended_at")
    list_filter = ("state",)
    search_fields = ("=customer__external_id",)
    raw_id_fields = ("customer",)
    exclude = ("sealed",)
