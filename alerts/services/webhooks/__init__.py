"""Endpoints of other systems: who manages them, what they are sent, and how it gets there."""

from alerts.services.webhooks.endpoints import (
    EndpointConflict,
    EndpointRefused,
    change_endpoint,
    delete_endpoint,
    new_endpoint,
    rotate_secret,
    send_test,
)
from alerts.services.webhooks.replaying import replay, replay_dead
from alerts.services.webhooks.sending import deliver_webhooks
from alerts.services.webhooks.subscribing import publish_decisions

__all__ = [
    "EndpointConflict",
    "EndpointRefused",
    "change_endpoint",
    "delete_endpoint",
    "deliver_webhooks",
    "new_endpoint",
    "publish_decisions",
    "replay",
    "replay_dead",
    "rotate_secret",
    "send_test",
]
