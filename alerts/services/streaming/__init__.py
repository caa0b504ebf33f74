"""Decisions and alerts to a stream or topic, at least once and in the order of their keys."""

from alerts.services.streaming.queueing import queue_for_stream
from alerts.services.streaming.relaying import relay_to_stream

__all__ = ["queue_for_stream", "relay_to_stream"]
