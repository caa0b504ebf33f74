"""Valkey (or Redis) streams: each client's events in shards, each shard consumed by one member at a time."""

from fraud_detection.services.streaming.valkey.consumer import ValkeySource

__all__ = ["ValkeySource"]
