"""What is stored about a customer, table by table: the one list that export and its test read.

A table without a section says why in NOT_ABOUT. Suspicious-activity reports have none on purpose: telling
the customer of one is an offence (tipping off), so neither a report nor what points at one is exported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import Model, Q, QuerySet

from alerts.models import (
    Alert,
    Case,
    CaseAlert,
    CaseComment,
    CaseFile,
    CaseNarrative,
    CaseTask,
    Notification,
    NotificationDelivery,
    OutboxMessage,
    WebhookDelivery,
)
from fraud_detection.models import (
    ApplicantGroup,
    Assessment,
    CustomerPrediction,
    ErasureRequest,
    ExternalPrediction,
    ListEntry,
    Rescoring,
    ReviewRequest,
    RuleHit,
    RuleSnooze,
    ShadowHit,
)
from logs.models import AuditEvent
from ml.features.keys import entity_key
from transactions.models import (
    CreditApplication,
    InsuranceClaim,
    Label,
    MarketEvent,
    StatusChange,
    Transaction,
)
from users.models import Customer


@dataclass(frozen=True)
class Subject:
    """A customer, with the ids that others' events may name them by."""

    customer: Customer

    @property
    def customer_pk(self) -> int:
        return self.customer.pk

    @cached_property
    def accounts(self) -> list[str]:
        own = Transaction.objects.filter(customer=self.customer).order_by()
        sent = own.exclude(user_id=self.customer.external_id, receiver_id=self.customer.external_id)
        return sorted({self.customer.external_id, *sent.values_list("sender_id", flat=True).distinct()})

    @cached_property
    def keys(self) -> list[int]:
        return [entity_key("account", account) for account in self.accounts]

    @cached_property
    def alerts(self) -> list[int]:
        return list(Alert.objects.filter(customer=self.customer).values_list("pk", flat=True))

    @cached_property
    def cases(self) -> list[int]:
        named = Q(customer=self.customer) | Q(alerts__customer=self.customer)
        return list(Case.objects.filter(named).distinct().values_list("pk", flat=True))


class Section(NamedTuple):
    """`rows` finds what a table holds of a subject; `hidden` columns are not given out."""

    name: str
    model: type[Model]
    rows: Callable[[Subject], QuerySet]
    hidden: tuple[str, ...] = ()


KEYS = ("body_digest", "features")


def _of(model: type[Model], **paths: str) -> Callable[[Subject], QuerySet]:
    """Rows whose columns, by their path, are the attribute of the subject: alert__in="alerts"."""

    def rows(subject: Subject) -> QuerySet:
        wanted = Q()
        for path, attribute in paths.items():
            wanted |= Q(**{path: getattr(subject, attribute)})
        return model.objects.filter(wanted).order_by("pk")

    return rows


def _messages(subject: Subject) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(
        Q(payload__alert_id__in=subject.alerts) | Q(payload__case_id__in=subject.cases)
    ).exclude(topic="report.due")


def _webhooks(subject: Subject) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(message__in=_messages(subject)).order_by("pk")


def _sent(subject: Subject) -> QuerySet[NotificationDelivery]:
    """What people were told: no column names the customer, so the texts are searched for their ids."""
    wanted = Q()
    for account in subject.accounts:
        wanted |= Q(body__contains=account) | Q(subject__contains=account)
    return NotificationDelivery.objects.filter(wanted).order_by("pk")


def _deeds(subject: Subject) -> QuerySet[AuditEvent]:
    numbers = {"alert": subject.alerts, "case": subject.cases, "customer": [subject.customer.pk]}
    wanted = Q()
    for kind, ids in numbers.items():
        wanted |= Q(subject_kind=kind, subject__in=list(map(str, ids)))
    return AuditEvent.objects.filter(wanted).order_by("pk")


def _bell(subject: Subject) -> QuerySet[Notification]:
    links = [f"/alerts/{alert}/" for alert in subject.alerts]
    return Notification.objects.filter(link__in=[*links, *(f"/cases/{case}/" for case in subject.cases)])


SECTIONS: tuple[Section, ...] = (
    Section("customer", Customer, _of(Customer, pk="customer_pk")),
    Section("transactions", Transaction, _of(Transaction, customer="customer"), KEYS),
    Section(
        "transactions_as_counterparty",
        Transaction,
        lambda s: (
            Transaction.objects.filter(Q(sender_key__in=s.keys) | Q(receiver_key__in=s.keys))
            .exclude(customer=s.customer)
            .order_by("pk")
        ),
        (*KEYS, "metadata", "email", "device_id", "ip_address", "card_token", "latitude", "longitude"),
    ),
    Section("credit_applications", CreditApplication, _of(CreditApplication, customer="customer"), KEYS),
    Section("insurance_claims", InsuranceClaim, _of(InsuranceClaim, customer="customer"), KEYS),
    Section("market_events", MarketEvent, _of(MarketEvent, customer="customer"), KEYS),
    Section("labels", Label, _of(Label, transaction__customer="customer")),
    Section("statuses", StatusChange, _of(StatusChange, transaction__customer="customer")),
    Section("decisions", Assessment, _of(Assessment, customer="customer"), KEYS),
    Section("scored_again", Rescoring, _of(Rescoring, assessment__customer="customer")),
    Section("rule_hits", RuleHit, _of(RuleHit, assessment__customer="customer")),
    Section("rules_in_trial_that_hit", ShadowHit, _of(ShadowHit, assessment__customer="customer")),
    Section("alerts", Alert, _of(Alert, customer="customer")),
    Section("cases", Case, _of(Case, pk__in="cases")),
    Section("alerts_of_cases", CaseAlert, _of(CaseAlert, alert__in="alerts")),
    Section("case_comments", CaseComment, _of(CaseComment, case__in="cases")),
    Section("case_tasks", CaseTask, _of(CaseTask, case__in="cases")),
    Section("case_files", CaseFile, _of(CaseFile, case__in="cases"), ("stored",)),
    Section("case_narratives", CaseNarrative, _of(CaseNarrative, case__in="cases")),
    Section("predictions", CustomerPrediction, _of(CustomerPrediction, customer="customer")),
    Section(
        "predictions_made_elsewhere",
        ExternalPrediction,
        lambda s: ExternalPrediction.objects.filter(
            external_id__in=Assessment.objects.filter(customer=s.customer).values("external_id")
        ).order_by("pk"),
        KEYS,
    ),
    Section("groups_for_fairness", ApplicantGroup, _of(ApplicantGroup, applicant_id__in="accounts")),
    Section("review_requests", ReviewRequest, _of(ReviewRequest, customer="customer")),
    Section("erasure_requests", ErasureRequest, _of(ErasureRequest, customer="customer"), ("sealed",)),
    Section("list_entries", ListEntry, _of(ListEntry, value__in="accounts")),
    Section("snoozed_rules", RuleSnooze, _of(RuleSnooze, subject__in="accounts")),
    Section("messages", OutboxMessage, _messages),
    Section("webhook_deliveries", WebhookDelivery, _webhooks),
    Section("notification_deliveries", NotificationDelivery, _sent),
    Section("notifications", Notification, _bell),
    Section("audit_trail", AuditEvent, _deeds),
)
_ABOUT_US = "about rules, models, people who work here or the system"
_COUNTS = "counts and sums over many, without a name"
NOT_ABOUT: dict[str, str] = {
    "CaseReport": "suspicious-activity reports: telling of one is an offence",
    "AlertLook": "when people looked at an alert",
    "CaseRule": _ABOUT_US, "Queue": _ABOUT_US, "QueueMember": _ABOUT_US, "Workload": _ABOUT_US,
    "Absence": _ABOUT_US, "ReasonCode": _ABOUT_US, "DuePolicy": _ABOUT_US, "SystemAlert": _ABOUT_US,
    "Heartbeat": _ABOUT_US, "WebhookEndpoint": _ABOUT_US, "NotificationChannel": _ABOUT_US,
    "NotificationRule": _ABOUT_US, "NotificationPreference": _ABOUT_US, "NotificationTemplate": _ABOUT_US,
    "DeliveryAttempt": "answers of receivers to the deliveries above",
    "StreamDelivery": "positions in streams of the messages above",
    "ClaimProvider": "businesses that repair and treat", "ProviderDay": _COUNTS, "MarketBar": _COUNTS,
    "MarketMinute": _COUNTS, "MarketAccountDay": _COUNTS, "FxRate": _ABOUT_US,
    "MarketPattern": "pieces of schemes, by the events above",
    **dict.fromkeys(
        (
            *("Rule", "RuleVersion", "RuleSet", "PolicyVersion", "FeatureSetVersion", "ModelVersion"),
            *("EngineState", "Backtest", "FeatureDefinition", "DeclaredField", "ImportedHistory"),
            *("HistoryUpload", "BatchJob", "JobChunk", "CustomList", "ListChanges", "MonitoringSnapshot"),
            *("RuleDay", "RuleWatch", "RuleWatchMark", "RuleDraft", "RuleStanding", "ScoringSchedule"),
            *("ScheduleRun", "StreamConsumer", "StreamShard"),
        ),
        _ABOUT_US,
    ),
    "ClientSystem": _ABOUT_US, "ApiKey": _ABOUT_US, "User": _ABOUT_US, "Invitation": _ABOUT_US,
    "TokenFamily": _ABOUT_US, "PersonalRead": "who of us lately looked; the deeds stand in the audit trail",
    "IdempotentCall": "answers kept for a day, encrypted",
    "ApiCall": "calls of client systems, kept for days and searchable by text alone; see docs/PRIVACY.md",
    "SystemEvent": _ABOUT_US, "AuditSeal": _ABOUT_US, "AuditSealEntries": _ABOUT_US,
    "AuditCheckpoint": _ABOUT_US, "SubjectKey": "the key of what the audit trail says",
    "DeepSearch": "events that are looked at again within seconds",
    "StreamDeadLetter": "messages of client systems that could not be read; see docs/PRIVACY.md",
}  # fmt: skip
