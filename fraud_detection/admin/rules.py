"""Rules and what is written once."""

from django.contrib import admin

from fraud_detection.admin.inlines import ReadOnlyInline
from fraud_detection.models import (
    FeatureSetVersion,
    Rule,
    RuleSet,
    RuleVersion,
)
from users.admin_access import RoleAdmin


class RuleVersionInline(ReadOnlyInline):
    model = RuleVersion
    fields = ("number", "definition", "author", "created_at")


@admin.register(Rule)
class RuleAdmin(RoleAdmin):
    editable = False
    list_display = ("code", "engine", "created_at")
    list_filter = ("engine",)
    search_fields = ("code",)
    inlines = (RuleVersionInline,)


@admin.register(RuleVersion, RuleSet, FeatureSetVersion)
class ImmutableAdmin(RoleAdmin):
    """Versions are written once, by services."""

    editable = False
