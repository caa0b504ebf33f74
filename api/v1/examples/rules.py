"""Rules, backtests, features, lists."""

from typing import Any

RULE = {
    "code": "PAYS_KNOWN_MULE",
    "description": "Money goes to an account of a confirmed mule.",
    "family": "mule",
    "subject": "receiver",
    "condition": "amount >= p.min_amount && channel == 'web'",
    "params": {"min_amount": 100},
    "severity": "high",
    "reason": "{amount} over the web",
}
FEATURE = {
    "entity": "card",
    "aggregate": "sum",
    "column": "amount",
    "window": "7d",
    "filter": [{"column": "type", "is": "==", "value": "refund"}],
}
PERIOD = {"since": "2026-02-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}
EXAMPLES: dict[str, Any] = {
    "make_rule": {"engine": "payments", "definition": RULE},
    "save_rule_draft": {"definition": RULE | {"params": {"min_amount": 250}}, "version": 1},
    "validate_rule": {"engine": "payments", "definition": RULE},
    "try_rule": {"engine": "payments", "definition": RULE, "event_id": "TXN-1001"},
    "start_rule_backtest": {**PERIOD, "wording": "draft"},
    "start_backtest": {**PERIOD, "engine": "payments", "definition": RULE, "labels": "final"},
    "shadow_rule": {"version": 1},
    "submit_rule": {"version": 1, "note": "Found twelve mules in a month of shadow."},
    "approve_rule": {"number": 2, "version": 1, "rollout": 25},
    "reject_rule": {"number": 2, "version": 1, "reason": "Name the list in the reason."},
    "pause_rule": {"number": 2, "version": 2},
    "resume_rule": {"number": 2, "version": 3},
    "retire_rule": {"number": 2, "version": 3, "note": "Replaced by MULE_NETWORK."},
    "roll_back_rule": {"number": 3, "version": 2, "to": 2},
    "roll_out_rule": {"number": 2, "version": 2, "percent": 100},
    "load_rule_pack": {"name": "card_testing"},
    "snooze_rule": {
        "engine": "payments",
        "rule": "ACCOUNT_DRAIN",
        "subject_kind": "sender",
        "subject": "ACC-17",
        "reason": "Empties its account every month",
        "until": "2026-04-01T00:00:00Z",
    },
    "draft_feature": {"engine": "payments", "name": "card_refunds_7d", "spec": FEATURE},
    "change_feature": {"spec": FEATURE | {"window": "30d"}, "version": 1},
    "preview_feature": {"engine": "payments", "spec": FEATURE},
    "submit_feature": {"version": 1},
    "approve_feature": {"version": 2},
    "reject_feature": {"version": 2, "reason": "There is one of 30 days already."},
    "retire_feature": {"version": 3, "reason": "Nothing reads it."},
    "declare_event_field": {
        "name": "basket_size",
        "kind": "number",
        "unit": "items",
        "meaning": "Items in the basket.",
    },
    "change_event_field": {"version": 1, "meaning": "Items in the basket, gifts left out."},
    "make_list": {"name": "watched_shops", "kind": "merchant", "description": "Shops to look at twice"},
    "delete_list": {"version": 1},
    "describe_list": {"description": "Shops of the case of March", "version": 1},
    "add_list_entries": {"entries": [{"value": "D-17", "kind": "device", "reason": "Stolen"}]},
    "edit_list_entry": {"reason": "Found again", "expires_at": "2026-04-01T00:00:00Z", "version": 1},
    "import_list": "value,kind,reason\nD-17,device,Stolen\n",
}
