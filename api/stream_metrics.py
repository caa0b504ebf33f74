"""How far stream consumers are, for Prometheus: from the database, so that any web process can tell."""

from collections.abc import Iterator

from django.utils import timezone
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily

from fraud_detection.services.streaming.overview import overview


class StreamCollector:
    """Read at every scrape; nothing where no consumer ever ran but the dead letters."""

    def collect(self) -> Iterator[Metric]:
        found, now = overview(), timezone.now()
        yield GaugeMetricFamily(
            "fraudguard_stream_dead_letters", "Messages that wait for people.", value=found.letters_waiting
        )
        place = ("source", "group", "stream", "shard")
        lag = GaugeMetricFamily("fraudguard_stream_lag", "Messages not given out yet.", labels=place)
        held = GaugeMetricFamily("fraudguard_stream_unacknowledged", "Given out, not settled.", labels=place)
        age = GaugeMetricFamily(
            "fraudguard_stream_measured_seconds", "Since the shard was measured last.", labels=place
        )
        for shard in found.shards:
            names = (shard.kind, shard.group, shard.stream, str(shard.shard))
            lag.add_metric(names, shard.lag)
            held.add_metric(names, shard.unacknowledged)
            age.add_metric(names, (now - shard.measured_at).total_seconds())
        yield from (lag, held, age)
        alive = GaugeMetricFamily(
            "fraudguard_stream_consumers", "Consumers that told of themselves.", labels=("source", "group")
        )
        counts: dict[tuple[str, str], int] = {}
        for consumer in found.alive:
            counts[consumer.kind, consumer.group] = counts.get((consumer.kind, consumer.group), 0) + 1
        for names, count in counts.items():
            alive.add_metric(names, count)
        yield alive


def of_streams() -> CollectorRegistry:
    """A registry of its own: what is registered for every process would be told by each."""
    registry = CollectorRegistry()
    registry.register(StreamCollector())
    return registry
