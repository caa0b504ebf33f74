"""Who works what: queues, people's caps and absences, due times and reasons, each change audited."""

from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.forms import ModelForm
from django.forms.models import model_to_dict
from django.http import HttpRequest

from alerts.models import Absence, AlertLook, DuePolicy, Queue, QueueMember, ReasonCode, Workload
from logs.services import record
from users.admin_access import RoleAdmin


class AuditedAdmin(RoleAdmin):
    """Plain settings: what an admin saves is stored with its audit row."""

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            name = self.model._meta.model_name
            record(
                f"{name}.{'changed' if change else 'made'}",
                actor_kind="user",
                actor=request.user.email,
                subject_kind=name,
                subject=str(obj.pk),
                before={field: str(form.initial.get(field)) for field in form.changed_data}
                if change
                else None,
                after=_plain(obj, form),
                request_id=request.request_id,
            )


def _plain(obj: models.Model, form: ModelForm) -> dict[str, Any]:
    values = model_to_dict(obj, fields=form.changed_data)
    return {name: value if isinstance(value, bool | int) else str(value) for name, value in values.items()}


@admin.register(DuePolicy)
class DuePolicyAdmin(AuditedAdmin):
    """One row a severity, there from the start."""

    list_display = ("severity", "minutes")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> tuple[str, ...]:
        return ("severity",) if obj else ()


@admin.register(ReasonCode)
class ReasonCodeAdmin(AuditedAdmin):
    list_display = ("disposition", "code", "text", "position", "active")
    list_filter = ("disposition", "active")


@admin.register(Workload)
class WorkloadAdmin(AuditedAdmin):
    list_display = ("user", "automatic", "cap", "last_given_at")
    list_select_related = ("user",)


@admin.register(Absence)
class AbsenceAdmin(AuditedAdmin):
    list_display = ("user", "starts_at", "ends_at", "note")
    list_select_related = ("user",)


@admin.register(Queue)
class QueueAdmin(RoleAdmin):
    """Queues are kept on their own page, where filters are checked as they are written."""

    editable = False
    list_display = ("name", "position", "active", "is_default", "escalation_to")
    list_select_related = ("escalation_to",)


@admin.register(QueueMember)
class QueueMemberAdmin(RoleAdmin):
    editable = False
    list_display = ("queue", "user", "supervisor")
    list_select_related = ("queue", "user")


@admin.register(AlertLook)
class AlertLookAdmin(RoleAdmin):
    editable = False
    list_display = ("alert", "user", "hits", "at")
    list_select_related = ("user",)
