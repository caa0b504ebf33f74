"""Alerts, queues, notifications, webhooks."""

from typing import Any

EXAMPLES: dict[str, Any] = {
    "assign_alert": {"assignee": "ana@bank.example", "version": 1},
    "move_alert": {"queue": "high value", "reason": "More than a thousand at stake", "version": 1},
    "reopen_alert": {"reason": "The customer called back", "version": 3},
    "resolve_alert": {"disposition": "confirmed_fraud", "note": "The customer denied it.", "version": 2},
    "snooze_alert": {"until": "2026-03-02T08:00:00Z", "reason": "Waiting for the shop", "version": 1},
    "wake_alert": {"version": 2},
    "work_alerts_in_bulk": {
        "action": "resolve",
        "alerts": [{"id": 7, "version": 1}, {"id": 9, "version": 2}],
        "disposition": "false_positive",
        "note": "A known travel agency",
    },
    "take_next_alert": {"queue": "high value"},
    "make_queue": {
        "name": "high value",
        "description": "More than ten thousand at stake",
        "filter": {"engine": ["payments"], "min_amount": "10000.00"},
        "due_minutes": {"critical": 30},
    },
    "change_queue": {"description": "More than twenty thousand", "version": 1},
    "put_queue_member": {"user": "ana@bank.example", "supervisor": True},
    "send_fraud_alert": {
        "title": "Cards of one shop",
        "message": "Stop them.",
        "severity": "high",
    },
    "send_system_alert": {"title": "Maintenance", "message": "From 22:00 to 22:30.", "severity": "low"},
    "change_notification_preferences": {
        "muted_topics": ["job.finished"],
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "time_zone": "Europe/Berlin",
    },
    "create_notification_rule": {
        "name": "Critical alerts",
        "topic": "alert.created",
        "min_severity": "critical",
        "roles": ["analyst"],
        "channels": ["email"],
    },
    "change_notification_rule": {
        "name": "High alerts",
        "topic": "alert.created",
        "min_severity": "high",
        "roles": ["analyst"],
        "channels": ["email"],
        "version": 1,
    },
    "create_notification_channel": {"name": "on call", "url": "slack://TokenA/TokenB/TokenC/%23alerts"},
    "change_notification_channel": {"active": False, "version": 1},
    "change_notification_wording": {"subject": "{title}", "body": "{title}\n{link}", "version": 0},
    "create_webhook": {
        "url": "https://bank.example/hooks/fraud",
        "events": ["alert.created", "case.closed"],
        "description": "Case system",
    },
    "change_webhook": {"events": ["alert.created"], "version": 1},
}
