"""Rule snoozes: one method for each operation. Written by generate.py."""

from collections.abc import Iterator

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class RuleSnoozesOperations(Transport):
    """Rule snoozes."""

    def list_rule_snoozes(
        self,
        *,
        engine: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        rule: Maybe[str] = UNSET,
        standing: Maybe[bool] = UNSET,
        subject: Maybe[str] = UNSET,
        subject_kind: Maybe[str] = UNSET,
    ) -> Iterator[Row]:
        """Snoozes of rules, newest first."""
        return self.listed(
            "rule-snoozes/",
            **given(
                engine=engine,
                limit=limit,
                rule=rule,
                standing=standing,
                subject=subject,
                subject_kind=subject_kind,
            ),
        )

    def snooze_rule(
        self,
        *,
        engine: str,
        rule: str,
        subject_kind: str,
        subject: str,
        reason: str,
        until: str,
        idempotency_key: str | None = None,
    ) -> Json:
        """Let a rule keep quiet about one entity; its hits are recorded all the same."""
        return self.request(
            "POST",
            "rule-snoozes/",
            json=given(
                engine=engine,
                rule=rule,
                subject_kind=subject_kind,
                subject=subject,
                reason=reason,
                until=until,
            ),
            idempotency_key=idempotency_key,
        )

    def end_rule_snooze(self, snooze_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """End a snooze before its time; repeating it changes nothing."""
        return self.request("POST", f"rule-snoozes/{part(snooze_id)}/end/", idempotency_key=idempotency_key)
