"""Drafts and standings, to be looked at; they change in the rule workbench."""

from django.contrib import admin

from fraud_detection.models import RuleDraft, RuleStanding
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
