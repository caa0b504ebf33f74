from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from alerts.admin.alert_forms import AssignForm, ReopenForm, ResolveForm, SnoozeForm
from alerts.models import Alert
from alerts.services import (
    AlertConflict,
    AlertRefused,
    BulkResult,
    DispositionRefused,
    assign_alerts,
    reopen_alert,
    resolve_alerts,
    snooze_alerts,
)
from users.admin_access import RoleAdmin

Carry = Callable[[list[tuple[int, int]], dict], BulkResult]


@admin.register(Alert)
class AlertAdmin(RoleAdmin):
    """Alerts change by actions that ask for a reason and use the same services as everybody else."""

    by_actions_only = True
    list_display = (
        "__str__",
        "severity",
        "engine",
        "family",
        "subject",
        "risk_score",
        "status",
        "disposition",
        "assignee",
        "queue",
    )
    list_filter = ("status", "severity", "engine", "family", "disposition", "queue")
    search_fields = ("=subject", "=customer__external_id")
    list_select_related = ("customer", "assignee", "queue")
    actions = ("resolve", "assign", "snooze", "reopen")

    def has_add_permission(self, request) -> bool:
        return False

    @admin.action(description="Resolve the selected alerts", permissions=["change"])
    def resolve(self, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
        def carry(seen, given):
            return resolve_alerts(seen, acting_user=request.user, request_id=request.request_id, **given)

        return self._asked(request, queryset, "resolve", "Resolve", ResolveForm, carry, "resolved")

    @admin.action(description="Assign the selected alerts", permissions=["change"])
    def assign(self, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
        def carry(seen, given):
            return assign_alerts(seen, acting_user=request.user, request_id=request.request_id, **given)

        return self._asked(request, queryset, "assign", "Assign", AssignForm, carry, "assigned")

    @admin.action(description="Snooze the selected alerts", permissions=["change"])
    def snooze(self, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
        def carry(seen, given):
            return snooze_alerts(seen, acting_user=request.user, request_id=request.request_id, **given)

        return self._asked(request, queryset, "snooze", "Snooze", SnoozeForm, carry, "snoozed")

    @admin.action(description="Open the selected alerts again", permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
        def carry(seen, given):
            result = BulkResult()
            for alert_id, version in seen:
                try:
                    reopen_alert(
                        alert_id=alert_id, acting_user=request.user, seen_version=version,
                        request_id=request.request_id, **given,
                    )  # fmt: skip
                    result.done.append(alert_id)
                except (AlertConflict, AlertRefused) as refused:
                    result.refused.append((alert_id, str(refused)))
            return result

        return self._asked(request, queryset, "reopen", "Open again", ReopenForm, carry, "opened again")

    def _asked(
        self, request: HttpRequest, queryset: QuerySet, action: str, verb: str, kind: type[forms.Form],
        carry: Carry, done: str,
    ) -> TemplateResponse | None:  # fmt: skip
        """The form first; then the deed, with what was seen when the form was shown."""
        form = kind(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            seen = [
                (alert_id, _seen(request, alert_id)) for alert_id in queryset.values_list("pk", flat=True)
            ]
            try:
                return self._say(request, carry(seen, form.cleaned_data), done)
            except DispositionRefused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb} alerts",
            "verb": verb,
            "action": action,
            "alerts": queryset,
            "form": form,
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/alerts/alert/act.html", context)

    def _say(self, request: HttpRequest, result: BulkResult, done: str) -> None:
        if result.done:
            self.message_user(request, f"{len(result.done)} {done}")
        if result.already:
            self.message_user(request, f"{len(result.already)} were {done} before")
        for _, why in result.refused:
            self.message_user(request, why, messages.ERROR)


def _seen(request: HttpRequest, alert_id: int) -> int:
    text = request.POST.get(f"version_{alert_id}", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1
