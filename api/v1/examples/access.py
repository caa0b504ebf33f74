"""Keys, people and invitations."""

from typing import Any

EXAMPLES: dict[str, Any] = {
    "create_key": {
        "client": "shop",
        "scopes": ["ingest", "read"],
        "allowed_networks": ["10.1.0.0/16"],
        "expires_at": "2030-01-01T00:00:00Z",
    },
    "rotate_key": {"grace_hours": 24},
    "change_role": {"role": "auditor", "seen": "analyst"},
    "invite": {"email": "ben@bank.example", "role": "analyst", "mail": True},
}
