from django.contrib import admin

from logs.admin.seen_only import SeenOnly
from logs.models import ApiCall, PersonalRead, SystemEvent


@admin.register(ApiCall)
class ApiCallAdmin(SeenOnly):
    list_display = ("at", "caller", "method", "route", "status", "latency_us", "request_id")
    search_fields = ("=request_id",)


@admin.register(PersonalRead)
class PersonalReadAdmin(SeenOnly):
    list_display = ("at", "actor", "subject_kind", "subject")


@admin.register(SystemEvent)
class SystemEventAdmin(SeenOnly):
    list_display = ("at", "kind", "component", "level", "text")
    list_filter = ("kind", "level")
