"""What was imported from files."""

from django.contrib import admin

from fraud_detection.models import (
    ApplicantGroup,
    HistoryUpload,
    ImportedHistory,
)
from users.admin_access import RoleAdmin


@admin.register(ImportedHistory)
class ImportedHistoryAdmin(RoleAdmin):
    """Imported and deleted by the dashboard and by `import_history`, whole."""

    editable = False
    list_display = ("name", "rows", "positives", "created_by", "created_at")
    search_fields = ("name",)


@admin.register(HistoryUpload)
class HistoryUploadAdmin(RoleAdmin):
    editable = False
    list_display = ("filename", "name", "stage", "rows_read", "created_by", "created_at")
    list_filter = ("stage",)


@admin.register(ApplicantGroup)
class ApplicantGroupAdmin(RoleAdmin):
    """For the four-fifths report alone; loaded by manage.py load_groups."""

    editable = False
    list_display = ("applicant_id", "attribute", "group", "loaded_at")
    list_filter = ("attribute",)
    search_fields = ("=applicant_id",)
