"""Which messages of the outbox go to a stream; written with the mark that they were relayed."""

from collections.abc import Sequence

from django.conf import settings

from alerts.models import OutboxMessage, StreamDelivery


def queue_for_stream(messages: Sequence[OutboxMessage]) -> None:
    """Note these messages, in their order, where STREAM_OUT is set; in the caller's transaction."""
    if settings.STREAM_OUT:
        wanted = set(settings.STREAM_OUT_TOPICS)
        StreamDelivery.objects.bulk_create(
            [StreamDelivery(message=message) for message in messages if message.topic in wanted],
            ignore_conflicts=True,
        )
