from django import forms
from django.contrib import admin, messages
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from alerts.models import Alert, Disposition
from alerts.services import AlertConflict, DispositionRefused, resolve_alert
from users.admin_access import RoleAdmin


class ResolveForm(forms.Form):
    """No verdict is chosen beforehand: that would bias."""

    disposition = forms.ChoiceField(
        choices=[("", "Choose a verdict"), *Disposition.choices],
        widget=UnfoldAdminSelectWidget,
        label="Verdict",
    )
    note = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), label="Reason", max_length=4000
    )


@admin.register(Alert)
class AlertAdmin(RoleAdmin):
    """Alerts are resolved by an action that asks for verdict and reason; fields are never edited directly."""

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
    )
    list_filter = ("status", "severity", "engine", "family", "disposition")
    search_fields = ("=subject", "=customer__external_id")
    list_select_related = ("customer",)
    actions = ("resolve",)

    def has_add_permission(self, request) -> bool:
        return False

    @admin.action(description="Resolve the selected alerts", permissions=["change"])
    def resolve(self, request, queryset) -> TemplateResponse | None:
        form = ResolveForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": "Resolve alerts",
                "alerts": queryset,
                "form": form,
                "opts": self.model._meta,
                "versions": {alert.pk: alert.version for alert in queryset},
            }
            return TemplateResponse(request, "admin/alerts/alert/resolve.html", context)
        done = sum(self._resolve_one(request, alert, form.cleaned_data) for alert in queryset)
        if done:
            self.message_user(request, f"{done} resolved")
        return None

    def _resolve_one(self, request, alert: Alert, verdict: dict) -> bool:
        seen = request.POST.get(f"version_{alert.pk}", "")
        try:
            resolve_alert(
                alert_id=alert.pk,
                acting_user=request.user,
                disposition=verdict["disposition"],
                note=verdict["note"],
                seen_version=int(seen) if seen.isdigit() else -1,
                request_id=request.request_id,
            )
        except (AlertConflict, DispositionRefused) as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return False
        return True
