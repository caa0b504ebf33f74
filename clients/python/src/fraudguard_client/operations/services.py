"""Services: one method for each operation. Written by generate.py."""

from fraudguard_client.transport import Json, Transport


class ServicesOperations(Transport):
    """Services."""

    def services_status(self) -> Json:
        """Each part with its latency."""
        return self.request("GET", "services/status/")
