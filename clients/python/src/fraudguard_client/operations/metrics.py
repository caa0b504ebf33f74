"""Metrics: one method for each operation. Written by generate.py."""

from fraudguard_client.transport import Json, Transport


class MetricsOperations(Transport):
    """Metrics."""

    def metrics(self) -> Json:
        """Counters as JSON."""
        return self.request("GET", "metrics/")
