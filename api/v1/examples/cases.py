"""Cases."""

from typing import Any

SEEN = [{"alert": 7, "version": 2}]
EXAMPLES: dict[str, Any] = {
    "open_case": {"title": "Mule accounts behind one device", "alerts": [7, 9], "severity": "high"},
    "edit_case": {"title": "Mule accounts behind two devices", "version": 1},
    "assign_case": {"assignee": "ana@bank.example", "version": 1},
    "move_case": {"status": "waiting", "reason": "The bank of the receiver was asked", "version": 2},
    "escalate_case": {"reason": "More than a million", "version": 2},
    "reopen_case": {"reason": "A further victim called", "version": 5},
    "add_alerts_to_case": {"alerts": [11], "version": 2},
    "merge_case": {"into": 3, "version": 2, "into_version": 1},
    "split_case": {"alerts": [9], "title": "The second device", "version": 3},
    "close_case": {
        "verdict": "confirmed_fraud",
        "note": "Four of five victims confirmed it.",
        "version": 4,
        "alerts": SEEN,
    },
    "approve_case_closing": {"approve": True, "version": 5, "alerts": SEEN},
    "comment_on_case": {"text": "Called the second victim, nobody answered."},
    "add_case_task": {"title": "Ask for the device log", "due_at": "2026-03-02T08:00:00Z"},
    "tick_case_task": {"done": True},
    "write_case_narrative": {
        "number": 0,
        "who": "The holder of account 17",
        "what": "Sent nine payments to new accounts",
        "when": "On 1 March, within an hour",
    },
    "start_case_report": {"determined_on": "2026-03-01", "suspect_identified": True},
    "edit_case_report": {"report": 1, "version": 1, "state": "filed", "reference": "SAR-2026-17"},
    "attach_file_to_case": {"file": "statement.pdf"},
}
