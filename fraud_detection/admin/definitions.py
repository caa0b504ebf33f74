"""Definitions of features and declared fields, to be looked at; they change on the page Features."""

from django.contrib import admin

from fraud_detection.models import DeclaredField, FeatureDefinition
from users.admin_access import RoleAdmin


@admin.register(FeatureDefinition)
class FeatureDefinitionAdmin(RoleAdmin):
    editable = False
    list_display = ("name", "number", "engine", "stage", "unit", "author", "approved_by", "revision")
    list_filter = ("engine", "stage")
    search_fields = ("name", "meaning")


@admin.register(DeclaredField)
class DeclaredFieldAdmin(RoleAdmin):
    editable = False
    list_display = ("name", "kind", "unit", "active", "author", "revision")
    list_filter = ("kind", "active")
