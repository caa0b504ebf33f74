"""How cases are shown and asked for."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from alerts.models import Case, CaseStatus, ReportState, Severity
from alerts.selectors.cases import found_by_text
from alerts.services.cases.closing import VERDICTS
from alerts.services.cases.narrating import FIELDS
from alerts.services.cases.opening import MOST_ALERTS
from api.filters import ListFilter, TextFilter
from api.pagination import Page
from api.shapes import Minor, Text, Whole

SHOWN = 200  # alerts, comments and steps of history in a detail

Version = lambda: Whole(min_value=1, max_value=2**31 - 1, help_text="The `version` you saw.")  # noqa: E731


class Number(Whole):
    """The id of a row."""

    def __init__(self, **extra: Any):
        super().__init__(min_value=1, max_value=2**63 - 1, **extra)


class CaseFilter(ListFilter):
    status = django_filters.ChoiceFilter(choices=CaseStatus.choices)
    severity = django_filters.ChoiceFilter(choices=Severity.choices)
    verdict = django_filters.ChoiceFilter(choices=[(v.value, v.label) for v in VERDICTS])
    engine = TextFilter(field_name="engines", lookup_expr="contains", method="has_engine")
    customer = TextFilter(field_name="customer__external_id")
    assignee = TextFilter(field_name="assignee__email", label="E-mail of the assignee.")
    opened_after = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="lt")
    due_before = django_filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="lt")
    q = TextFilter(method="text", label="Part of the title, or of the customer's name; an id; K-12.")

    def has_engine(self, found: Any, name: str, value: str) -> Any:
        return found.filter(engines__contains=[value])

    def text(self, found: Any, name: str, value: str) -> Any:
        return found_by_text(found, value)


class CaseBody(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField(source="__str__")
    title = serializers.CharField()
    customer = serializers.CharField(source="customer.external_id", allow_null=True, default=None)
    engines = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(CaseStatus.choices)
    severity = serializers.ChoiceField(Severity.choices)
    assignee = serializers.CharField(source="assignee.email", allow_null=True, default=None)
    alert_count = serializers.IntegerField()
    amount = Minor(source="amount_minor", help_text="At stake in its alerts, in the reporting currency.")
    due_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField()
    opened_by = serializers.CharField(help_text="A person's e-mail, or the rule that opened it.")
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.CharField(source="closed_by.email", allow_null=True, default=None)
    verdict = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)
    proposed_verdict = serializers.CharField(allow_blank=True, help_text="Waits for a second person.")
    proposed_by = serializers.CharField(source="proposed_by.email", allow_null=True, default=None)
    version = serializers.IntegerField(help_text="Send it back with an edit.")


class CasePage(Page):
    results = CaseBody(many=True)


class CaseAlertBody(serializers.Serializer):
    alert = serializers.IntegerField(source="alert_id")
    rule = serializers.CharField(source="alert.rule")
    severity = serializers.CharField(source="alert.severity")
    status = serializers.CharField(source="alert.status")
    reason = serializers.CharField(source="alert.reason")
    amount = Minor(source="alert.amount_minor")
    version = serializers.IntegerField(source="alert.version")
    added_at = serializers.DateTimeField()
    added_by = serializers.CharField()


class CaseCommentBody(serializers.Serializer):
    id = serializers.IntegerField()
    case = serializers.IntegerField(source="case_id", help_text="Another one, when that was merged.")
    text = serializers.CharField()
    author = serializers.CharField(source="author.email")
    written_at = serializers.DateTimeField()
    corrects = serializers.IntegerField(source="corrects_id", allow_null=True)
    mentions = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_mentions(self, comment: Any) -> list[str]:
        return [person.email for person in comment.mentions.all()]


class CaseTaskBody(serializers.Serializer):
    id = serializers.IntegerField()
    case = serializers.IntegerField(source="case_id")
    title = serializers.CharField()
    assignee = serializers.CharField(source="assignee.email", allow_null=True, default=None)
    due_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    done_at = serializers.DateTimeField(allow_null=True)
    done_by = serializers.CharField(allow_blank=True)


class CaseFileBody(serializers.Serializer):
    id = serializers.IntegerField()
    case = serializers.IntegerField(source="case_id")
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    added_at = serializers.DateTimeField()
    added_by = serializers.CharField()


class CaseNarrativeBody(serializers.Serializer):
    number = serializers.IntegerField(help_text="Of this version; send it back with an edit.")
    who = serializers.CharField(allow_blank=True)
    what = serializers.CharField(allow_blank=True)
    when = serializers.CharField(allow_blank=True)
    where = serializers.CharField(allow_blank=True)
    why = serializers.CharField(allow_blank=True)
    how = serializers.CharField(allow_blank=True)
    written_at = serializers.DateTimeField()
    written_by = serializers.CharField()


class CaseReportBody(serializers.Serializer):
    id = serializers.IntegerField()
    case = serializers.IntegerField(source="case_id")
    state = serializers.ChoiceField(ReportState.choices)
    determined_on = serializers.DateField()
    suspect_identified = serializers.BooleanField()
    due_on = serializers.DateField()
    text = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    created_by = serializers.CharField()
    changed_by = serializers.CharField()
    settled_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class CaseStep(serializers.Serializer):
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    action = serializers.CharField()
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)


class CaseDetail(CaseBody):
    alerts = CaseAlertBody(many=True, help_text=f"The riskiest {SHOWN}; open ones first.")
    comments = CaseCommentBody(many=True, help_text=f"The newest {SHOWN}.")
    tasks = CaseTaskBody(many=True)
    files = CaseFileBody(many=True)
    narrative = CaseNarrativeBody(allow_null=True)
    history = CaseStep(many=True, help_text=f"The newest {SHOWN} steps.")


class OpenCaseRequest(serializers.Serializer):
    title = Text(max_length=200)
    customer = Text(max_length=128, required=False, help_text="Its external id.")
    alerts = serializers.ListField(child=Number(), max_length=MOST_ALERTS, required=False)
    assignee = Text(max_length=254, required=False, allow_null=True)
    severity = serializers.ChoiceField(Severity.choices, required=False)
    due_at = serializers.DateTimeField(required=False)


class EditCaseRequest(serializers.Serializer):
    title = Text(max_length=200, required=False)
    due_at = serializers.DateTimeField(required=False)
    version = Version()


class CaseAssignRequest(serializers.Serializer):
    assignee = Text(max_length=254, allow_null=True, help_text="E-mail; null for nobody.")
    version = Version()


class MoveCaseRequest(serializers.Serializer):
    status = serializers.ChoiceField([value for value in CaseStatus.values if value != CaseStatus.CLOSED])
    reason = Text(max_length=4000, required=False, allow_blank=True, help_text="Required to wait.")
    version = Version()


class CaseReasonRequest(serializers.Serializer):
    reason = Text(max_length=4000)
    version = Version()


class CaseAlertsRequest(serializers.Serializer):
    alerts = serializers.ListField(child=Number(), min_length=1, max_length=MOST_ALERTS)
    version = Version()


class MergeCaseRequest(serializers.Serializer):
    into = Number(help_text="The id of the case that takes over.")
    version = Version()
    into_version = Version()


class SplitCaseRequest(serializers.Serializer):
    alerts = serializers.ListField(child=Number(), min_length=1, max_length=MOST_ALERTS)
    title = Text(max_length=200)
    version = Version()


class SeenCaseAlert(serializers.Serializer):
    alert = Number()
    version = Version()


class CloseCaseRequest(serializers.Serializer):
    verdict = serializers.ChoiceField([(v.value, v.label) for v in VERDICTS])
    note = Text(max_length=4000, help_text="Why; required.")
    version = Version()
    alerts = SeenCaseAlert(many=True, required=False, max_length=MOST_ALERTS, help_text="As you saw them.")


class ApproveCaseRequest(serializers.Serializer):
    version = Version()
    approve = serializers.BooleanField(default=True, help_text="false sends it back.")
    reason = Text(max_length=4000, required=False, help_text="Required to send it back.")
    alerts = SeenCaseAlert(
        many=True,
        required=False,
        max_length=MOST_ALERTS,
        help_text="As you saw them; without, one that was hit after the proposal is a 409.",
    )


class CaseCommentRequest(serializers.Serializer):
    text = Text(max_length=10_000)
    corrects = Number(required=False, help_text="A comment of your own that this one corrects.")


class CaseTaskRequest(serializers.Serializer):
    title = Text(max_length=200)
    assignee = Text(max_length=254, required=False, allow_null=True)
    due_at = serializers.DateTimeField(required=False, allow_null=True)


class CaseTaskDoneRequest(serializers.Serializer):
    done = serializers.BooleanField()


class CaseNarrativeRequest(serializers.Serializer):
    number = Whole(min_value=0, max_value=2**31 - 1, help_text="Of the version you saw; 0 for none.")

    def get_fields(self) -> dict[str, serializers.Field]:
        longest = {"max_length": 10_000, "required": False, "allow_blank": True}
        return super().get_fields() | {name: Text(**longest) for name in FIELDS}


class CaseReportRequest(serializers.Serializer):
    determined_on = serializers.DateField(help_text="When it was determined to be suspicious.")
    suspect_identified = serializers.BooleanField(help_text="30 days to file; without a suspect 60.")


class CaseReportEdit(serializers.Serializer):
    report = Number()
    version = Version()
    state = serializers.ChoiceField(ReportState.choices, required=False)
    text = Text(max_length=50_000, required=False, allow_blank=True)
    determined_on = serializers.DateField(required=False)
    suspect_identified = serializers.BooleanField(required=False)
    reference = Text(max_length=100, required=False, help_text="Required for filed.")
    reason = Text(max_length=4000, required=False, help_text="Required for not_required.")


def detail_of(case: Case, alerts: list, history: list) -> dict[str, Any]:
    """A case as CaseDetail shows it."""
    comments = case.comments.select_related("author").prefetch_related("mentions").order_by("-id")[:SHOWN]
    narrative = case.narratives.first()
    return CaseBody(case).data | {
        "alerts": CaseAlertBody(alerts, many=True).data,
        "comments": CaseCommentBody(comments, many=True).data,
        "tasks": CaseTaskBody(case.tasks.select_related("assignee"), many=True).data,
        "files": CaseFileBody(case.files.all(), many=True).data,
        "narrative": CaseNarrativeBody(narrative).data if narrative else None,
        "history": CaseStep(history, many=True).data,
    }
