"""OpenAPI links: what can be asked of a thing that an operation made or named."""

from typing import Any

BY_ID: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("open_case", "201"): {
        "case_id": (
            "show_case", "edit_case", "comment_on_case", "add_case_task", "write_case_narrative",
            "assign_case", "move_case", "escalate_case", "close_case", "export_case",
        )
    },
    ("make_rule", "201"): {
        "rule_id": ("show_rule", "show_rule_draft", "save_rule_draft", "shadow_rule", "submit_rule")
    },
    ("make_queue", "201"): {"queue_id": ("show_queue", "change_queue", "list_queue_members")},
    ("create_webhook", "201"): {
        "webhook_id": (
            "show_webhook", "change_webhook", "delete_webhook", "rotate_webhook_secret", "test_webhook",
            "list_webhook_deliveries",
        )
    },
    ("draft_feature", "201"): {"feature_id": ("show_feature", "change_feature", "submit_feature")},
    ("declare_event_field", "201"): {"field_id": ("change_event_field",)},
    ("create_notification_rule", "201"): {
        "rule_id": ("change_notification_rule", "delete_notification_rule")
    },
    ("create_notification_channel", "201"): {
        "channel_id": ("change_notification_channel", "delete_notification_channel")
    },
    ("snooze_rule", "201"): {"snooze_id": ("end_rule_snooze",)},
    ("store_external_prediction", "201"): {"prediction_id": ("show_external_prediction",)},
    ("decide_transaction", "201"): {"prediction_id": ("show_prediction",)},
    ("start_backtest", "202"): {"backtest_id": ("show_backtest", "cancel_backtest")},
}  # fmt: skip
BY_NAME: dict[tuple[str, str], tuple[str, str, tuple[str, ...]]] = {
    ("make_list", "201"): (
        "name", "$response.body#/name", ("show_list", "describe_list", "add_list_entries", "delete_list"),
    ),
    ("decide_transaction", "201"): (
        "transaction_id", "$response.body#/transaction_id",
        ("show_transaction", "correct_transaction", "update_transaction_status"),
    ),
}  # fmt: skip


def links_of(operation: str, status: str) -> dict[str, dict[str, Any]]:
    """The links of one answer, by the operation that each leads to."""
    found = {
        target: {"operationId": target, "parameters": {parameter: "$response.body#/id"}}
        for parameter, targets in BY_ID.get((operation, status), {}).items()
        for target in targets
    }
    if (operation, status) in BY_NAME:
        parameter, expression, targets = BY_NAME[operation, status]
        found |= {
            target: {"operationId": target, "parameters": {parameter: expression}} for target in targets
        }
    return found
