"""The source that settings and arguments ask for."""

import os
import socket
import uuid
from collections.abc import Sequence

from django.conf import settings

from fraud_detection.services.streaming.deciding import client_of
from fraud_detection.services.streaming.kafka import KafkaSource
from fraud_detection.services.streaming.names import streams_of
from fraud_detection.services.streaming.source import Source, SourceRefused
from fraud_detection.services.streaming.valkey import ValkeySource


def consumer_name() -> str:
    """Unlike any other, also of a process that had this number before."""
    return f"{socket.gethostname()[:60]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


def open_source(
    kind: str,
    *,
    name: str,
    group: str,
    clients: Sequence[str] = (),
    engine: str = "",
    shards: int | None = None,
) -> Source:
    """A member of the group, ready to poll; raises SourceRefused and SourceAway."""
    clients = clients or settings.STREAM_CLIENTS
    if not clients:
        raise SourceRefused("no client system is named: set STREAM_CLIENTS, or give --client NAME")
    for client in clients:
        client_of(client)  # made where it is new
    streams = streams_of(clients, engine)
    if kind == "kafka":
        if not settings.KAFKA_SERVERS:
            raise SourceRefused("KAFKA_SERVERS is not set: give host:9092")
        return KafkaSource(
            settings.KAFKA_SERVERS, streams, group=group, name=name, options=settings.KAFKA_OPTIONS
        )
    return ValkeySource(
        settings.STREAM_URL,
        streams,
        group=group,
        name=name,
        shards=shards or settings.STREAM_SHARDS,
        lease_seconds=settings.STREAM_LEASE_SECONDS,
    )
