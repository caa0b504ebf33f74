"""Drafts and standings, to be looked at; they change in the rule workbench."""

from django.contrib import admin

from fraud_detection.models import RuleDay, RuleDraft, RuleStanding, RuleWatch, RuleWatchMark, ShadowHit
from users.admin_access import RoleAdmin


@admin.register(RuleDraft)
class RuleDraftAdmin(RoleAdmin):
    editable = False
    list_display = ("rule", "author", "saved_by", "saved_at", "revision")


@admin.register(RuleStanding)
class RuleStandingAdmin(RoleAdmin):
    editable = False
    list_display = ("version", "stage", "rollout", "submitted_by", "approved_by", "effective_at")
    list_filter = ("stage",)
    list_select_related = ("version__rule",)


@admin.register(ShadowHit)
class ShadowHitAdmin(RoleAdmin):
    editable = False
    list_display = ("version", "decided_at", "would_decide", "would_score", "also_active")
    list_select_related = ("version__rule",)


@admin.register(RuleDay)
class RuleDayAdmin(RoleAdmin):
    editable = False
    list_display = ("rule", "day", "events", "hits", "shadow_hits", "alerts", "labelled", "frauds")
    list_select_related = ("rule",)


@admin.register(RuleWatch)
class RuleWatchAdmin(RoleAdmin):
    editable = False
    list_display = ("rule", "hits_24h", "cost_us", "last_hit_at", "looked_at")
    list_select_related = ("rule",)


@admin.register(RuleWatchMark)
class RuleWatchMarkAdmin(RoleAdmin):
    editable = False
    list_display = ("engine", "label_id", "counted_until", "overlaps_at")
