from alerts.models import OutboxMessage, StreamDelivery
from fraud_detection.models import StreamConsumer, StreamDeadLetter, StreamShard


def make(user) -> None:
    StreamConsumer.objects.create(name="host-1", kind="valkey", group="g")
    StreamShard.objects.create(kind="valkey", group="g", stream="shop", shard=0)
    StreamDeadLetter.objects.create(
        kind="valkey", stream="shop", shard=0, position="1-0", client="shop", reason="not_readable",
        detail="not JSON", body=b"\xff{", digest=b"d" * 32,
    )  # fmt: skip
    told = OutboxMessage.objects.create(topic="alert.created", payload={"alert_id": 1})
    StreamDelivery.objects.create(message=told)
