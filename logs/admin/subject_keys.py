from django.contrib import admin

from logs.admin.seen_only import SeenOnly
from logs.models import SubjectKey


@admin.register(SubjectKey)
class SubjectKeyAdmin(SeenOnly):
    list_display = ("subject", "made_at")
    search_fields = ("=subject",)
    exclude = ("sealed_key",)
