"""Analytics: one method for each operation. Written by generate.py."""

from fraudguard_client.transport import UNSET, Json, Maybe, Transport, given


class AnalyticsOperations(Transport):
    """Analytics."""

    def fraud_trends(self, *, days: Maybe[int] = UNSET) -> Json:
        """Decisions by day."""
        return self.request("GET", "analytics/fraud-trends/", params=given(days=days))

    def model_performance(self, *, days: Maybe[int] = UNSET) -> Json:
        """Decisions against what became known, by model version."""
        return self.request("GET", "analytics/model-performance/", params=given(days=days))

    def risk_distribution(self, *, days: Maybe[int] = UNSET) -> Json:
        """Decisions by risk level and by risk score."""
        return self.request("GET", "analytics/risk-distribution/", params=given(days=days))

    def rule_performance(self, *, days: Maybe[int] = UNSET) -> Json:
        """Hits, alerts and precision of each rule that fired."""
        return self.request("GET", "analytics/rule-performance/", params=given(days=days))

    def team_figures(self, *, days: Maybe[int] = UNSET) -> Json:
        """How the team does."""
        return self.request("GET", "analytics/team/", params=given(days=days))

    def export_team_figures(self, *, days: Maybe[int] = UNSET) -> bytes:
        """The same as CSV: section, name, figure, value."""
        return self.download("GET", "analytics/team/export/", params=given(days=days))

    def transaction_patterns(self, *, days: Maybe[int] = UNSET) -> Json:
        """Payments by type, channel, country and local hour."""
        return self.request("GET", "analytics/transaction-patterns/", params=given(days=days))
