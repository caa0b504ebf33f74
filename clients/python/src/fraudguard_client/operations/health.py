"""Health: one method for each operation. Written by generate.py."""

from fraudguard_client.transport import Json, Transport


class HealthOperations(Transport):
    """Health."""

    def health(self) -> Json:
        """Alive."""
        return self.request("GET", "health/")
