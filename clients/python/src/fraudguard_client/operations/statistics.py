"""Statistics: one method for each operation. Written by generate.py."""

from fraudguard_client.transport import Json, Transport


class StatisticsOperations(Transport):
    """Statistics."""

    def statistics(self) -> Json:
        """Decisions by outcome."""
        return self.request("GET", "statistics/")
