"""Prometheus: one method for each operation. Written by generate.py."""

from fraudguard_client.transport import Transport


class PrometheusOperations(Transport):
    """Prometheus."""

    def prometheus(self) -> bytes:
        """Counters and histograms for Prometheus."""
        return self.download("GET", "prometheus/")
