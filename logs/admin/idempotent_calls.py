from django.contrib import admin

from logs.admin.seen_only import SeenOnly
from logs.models import IdempotentCall


@admin.register(IdempotentCall)
class IdempotentCallAdmin(SeenOnly):
    list_display = ("caller", "key", "started_at", "status")
    search_fields = ("=key", "=caller")
    exclude = ("digest", "body")
