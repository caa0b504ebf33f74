"""Ready: one method for each operation. Written by generate.py."""

from fraudguard_client.transport import Json, Transport


class ReadyOperations(Transport):
    """Ready."""

    def ready(self) -> Json:
        """Ready to decide."""
        return self.request("GET", "ready/")
