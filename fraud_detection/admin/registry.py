"""Models, what they predicted of customers, and how they are watched."""

from collections.abc import Callable

from django.contrib import admin, messages

from fraud_detection.models import (
    CustomerPrediction,
    ModelVersion,
    MonitoringSnapshot,
)
from fraud_detection.services.model_stages import (
    ModelConflict,
    StageRefused,
    promote,
    retire,
    roll_back,
    start_shadow,
)
from users.admin_access import RoleAdmin


@admin.register(ModelVersion)
class ModelVersionAdmin(RoleAdmin):
    """The registry; stages change by its actions, through the same services as everywhere."""

    by_actions_only = True
    list_display = (
        *("__str__", "stage", "generated_data_only", "created_by", "created_at"),
        *("promoted_at", "promoted_by", "stage_changed_at"),
    )
    list_filter = ("engine", "stage")
    exclude = ("report",)  # the dashboard shows it
    actions = ("make_champion", "shadow", "retire", "roll_back")

    def has_add_permission(self, request) -> bool:
        return False  # artifacts are trained here or registered by command, never uploaded

    @admin.action(description="Make champion (approved by you)", permissions=["change"])
    def make_champion(self, request, queryset) -> None:
        self._change(request, queryset, lambda one, **by: promote(one, approved_by=request.user.email, **by))

    @admin.action(description="Let it score in shadow", permissions=["change"])
    def shadow(self, request, queryset) -> None:
        self._change(
            request, queryset, lambda one, **by: start_shadow(one, acted_by=request.user.email, **by)
        )

    @admin.action(description="Retire", permissions=["change"])
    def retire(self, request, queryset) -> None:
        self._change(request, queryset, lambda one, **by: retire(one, acted_by=request.user.email, **by))

    @admin.action(description="Roll back to the champion before it", permissions=["change"])
    def roll_back(self, request, queryset) -> None:
        self._change(request, queryset, lambda one, **by: roll_back(one, acted_by=request.user.email, **by))

    def _change(self, request, queryset, change: Callable[..., ModelVersion]) -> None:
        if len(queryset) != 1:
            self.message_user(request, "Choose one model", messages.ERROR)
            return
        try:
            changed = change(queryset[0], seen=queryset[0].revision, request_id=request.request_id)
        except (StageRefused, ModelConflict) as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            said = f"{changed} is {changed.stage} now, in every process within 5 seconds"
            self.message_user(request, said)


@admin.register(MonitoringSnapshot)
class MonitoringSnapshotAdmin(RoleAdmin):
    editable = False
    list_display = ("engine", "model_version", "kind", "period", "as_of", "n")
    list_filter = ("engine", "kind")


@admin.register(CustomerPrediction)
class CustomerPredictionAdmin(RoleAdmin):
    """Made by `manage.py predict_users`; one a customer and model."""

    editable = False
    list_display = ("customer", "model", "probability", "unpaid", "strongest_reason", "predicted_at")
    list_filter = ("unpaid", "model")
    search_fields = ("=customer__external_id", "customer__name")
    list_select_related = ("customer", "model")
    ordering = ("-id",)

    @admin.display(description="strongest reason")
    def strongest_reason(self, prediction: CustomerPrediction) -> str:
        return prediction.reasons[0]["text"] if prediction.reasons else ""
