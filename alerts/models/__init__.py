"""Alerts that analysts work, and the outbox through which others hear of them."""

from alerts.models.alert import Alert, AlertLook, AlertStatus, Disposition, DuePolicy, ReasonCode
from alerts.models.case import Case, CaseAlert, CaseStatus
from alerts.models.case_report import CaseReport, ReportState
from alerts.models.case_rule import CaseRule
from alerts.models.case_work import CaseComment, CaseFile, CaseNarrative, CaseTask
from alerts.models.deliveries import DeliveryAttempt, DeliveryState, NotificationDelivery, WebhookDelivery
from alerts.models.notifications import (
    Digest,
    Notification,
    NotificationChannel,
    NotificationPreference,
    NotificationRule,
    NotificationTemplate,
    Topic,
)
from alerts.models.outbox import OutboxMessage
from alerts.models.queues import Absence, Queue, QueueMember, Workload
from alerts.models.severity import Severity
from alerts.models.streams import StreamDelivery
from alerts.models.system import Heartbeat, SystemAlert
from alerts.models.webhooks import WebhookEndpoint, WebhookEvent

__all__ = [
    "Absence",
    "Alert",
    "AlertLook",
    "AlertStatus",
    "Case",
    "CaseAlert",
    "CaseComment",
    "CaseFile",
    "CaseNarrative",
    "CaseReport",
    "CaseRule",
    "CaseStatus",
    "CaseTask",
    "DeliveryAttempt",
    "DeliveryState",
    "Digest",
    "Disposition",
    "DuePolicy",
    "Heartbeat",
    "Notification",
    "NotificationChannel",
    "NotificationDelivery",
    "NotificationPreference",
    "NotificationRule",
    "NotificationTemplate",
    "OutboxMessage",
    "Queue",
    "QueueMember",
    "ReasonCode",
    "ReportState",
    "Severity",
    "StreamDelivery",
    "SystemAlert",
    "Topic",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "Workload",
]
