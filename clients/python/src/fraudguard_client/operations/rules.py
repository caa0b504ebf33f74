"""Rules: one method for each operation. Written by generate.py."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class RulesOperations(Transport):
    """Rules."""

    def list_rules(
        self,
        *,
        author: Maybe[str] = UNSET,
        engine: Maybe[str] = UNSET,
        family: Maybe[str] = UNSET,
        flagged: Maybe[bool] = UNSET,
        limit: Maybe[int] = UNSET,
        stage: Maybe[Literal["draft", "shadow", "pending", "active", "paused", "retired"]] = UNSET,
        text: Maybe[str] = UNSET,
    ) -> Iterator[Row]:
        """Rules with their stage, flags and figures, newest first."""
        return self.listed(
            "rules/",
            **given(
                author=author,
                engine=engine,
                family=family,
                flagged=flagged,
                limit=limit,
                stage=stage,
                text=text,
            ),
        )

    def make_rule(
        self,
        *,
        engine: Literal["payments", "aml", "credit", "insurance", "market"],
        definition: Mapping[str, Any],
        idempotency_key: str | None = None,
    ) -> Json:
        """Begin a rule with a draft."""
        return self.request(
            "POST",
            "rules/",
            json=given(engine=engine, definition=definition),
            idempotency_key=idempotency_key,
        )

    def export_rules(self, *, engine: Literal["aml", "credit", "insurance", "market", "payments"]) -> bytes:
        """The rules of an engine that are in force, as YAML."""
        return self.download("GET", "rules/export/", params=given(engine=engine))

    def list_rule_features(
        self, *, engine: Literal["aml", "credit", "insurance", "market", "payments"]
    ) -> Json:
        """Names that rules of an engine may use, with meaning, unit and a typical value."""
        return self.request("GET", "rules/features/", params=given(engine=engine))

    def list_rule_packs(self) -> Json:
        """Packs that ship, and what they would add."""
        return self.request("GET", "rules/packs/")

    def load_rule_pack(self, *, name: str, idempotency_key: str | None = None) -> Json:
        """Make drafts of the rules of a pack that its engine does not have."""
        return self.request("POST", "rules/packs/", json=given(name=name), idempotency_key=idempotency_key)

    def try_rule(
        self,
        *,
        engine: str,
        definition: Any,
        assessment_id: Maybe[int] = UNSET,
        event_id: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """What a wording says of a stored event, with the value of every part; nothing is stored."""
        return self.request(
            "POST",
            "rules/try/",
            json=given(engine=engine, definition=definition, assessment_id=assessment_id, event_id=event_id),
            idempotency_key=idempotency_key,
        )

    def validate_rule(
        self,
        *,
        engine: Literal["payments", "aml", "credit", "insurance", "market"],
        definition: Mapping[str, Any],
        rule: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Check a rule without storing it: every error with its place, warnings, plain English."""
        return self.request(
            "POST",
            "rules/validate/",
            json=given(engine=engine, definition=definition, rule=rule),
            idempotency_key=idempotency_key,
        )

    def show_rule(self, rule_id: str | int) -> Json:
        """One rule with its versions, draft and flags."""
        return self.request("GET", f"rules/{part(rule_id)}/")

    def approve_rule(
        self,
        rule_id: str | int,
        *,
        number: int,
        version: int,
        effective_at: Maybe[str] = UNSET,
        rollout: Maybe[int] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Let a version decide, now or later; not by anybody who wrote or submitted it."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/approve/",
            json=given(number=number, version=version, effective_at=effective_at, rollout=rollout),
            idempotency_key=idempotency_key,
        )

    def start_rule_backtest(
        self,
        rule_id: str | int,
        *,
        since: str,
        until: str,
        labels: Maybe[Literal["final", "as_known"]] = UNSET,
        cut_off: Maybe[str | None] = UNSET,
        alert_cost: Maybe[str] = UNSET,
        friction_share: Maybe[float] = UNSET,
        wording: Maybe[Literal["draft", "active"]] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Replay the draft or the active version of a rule."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/backtests/",
            json=given(
                since=since,
                until=until,
                labels=labels,
                cut_off=cut_off,
                alert_cost=alert_cost,
                friction_share=friction_share,
                wording=wording,
            ),
            idempotency_key=idempotency_key,
        )

    def compare_rule_versions(self, rule_id: str | int, *, from_: str, to: str) -> Json:
        """What differs between two wordings of a rule."""
        return self.request("GET", f"rules/{part(rule_id)}/diff/", params=given({"from": from_, "to": to}))

    def show_rule_draft(self, rule_id: str | int) -> Json:
        """The next wording of a rule."""
        return self.request("GET", f"rules/{part(rule_id)}/draft/")

    def save_rule_draft(
        self, rule_id: str | int, *, definition: Mapping[str, Any], version: int, based_on: Maybe[int] = UNSET
    ) -> Json:
        """Save the next wording of a rule; it may be unfinished."""
        return self.request(
            "PUT",
            f"rules/{part(rule_id)}/draft/",
            json=given(definition=definition, version=version, based_on=based_on),
        )

    def discard_rule_draft(self, rule_id: str | int, *, version: int) -> Json:
        """Throw the draft away."""
        return self.request("DELETE", f"rules/{part(rule_id)}/draft/", params=given(version=version))

    def pause_rule(
        self, rule_id: str | int, *, number: int, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Stop a rule for a while."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/pause/",
            json=given(number=number, version=version),
            idempotency_key=idempotency_key,
        )

    def reject_rule(
        self,
        rule_id: str | int,
        *,
        number: int,
        version: int,
        reason: str,
        idempotency_key: str | None = None,
    ) -> Json:
        """Refuse a version that awaits approval; its wording becomes a draft again."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/reject/",
            json=given(number=number, version=version, reason=reason),
            idempotency_key=idempotency_key,
        )

    def resume_rule(
        self, rule_id: str | int, *, number: int, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Let a paused rule decide again."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/resume/",
            json=given(number=number, version=version),
            idempotency_key=idempotency_key,
        )

    def retire_rule(
        self,
        rule_id: str | int,
        *,
        number: int,
        version: int,
        note: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Take a version out of use, or withdraw it from shadow or approval."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/retire/",
            json=given(number=number, version=version, note=note),
            idempotency_key=idempotency_key,
        )

    def roll_back_rule(
        self, rule_id: str | int, *, number: int, version: int, to: int, idempotency_key: str | None = None
    ) -> Json:
        """Put an older wording in force again, as a new version."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/rollback/",
            json=given(number=number, version=version, to=to),
            idempotency_key=idempotency_key,
        )

    def roll_out_rule(
        self,
        rule_id: str | int,
        *,
        number: int,
        version: int,
        percent: int,
        idempotency_key: str | None = None,
    ) -> Json:
        """Change the share of the entities a newer version decides about."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/rollout/",
            json=given(number=number, version=version, percent=percent),
            idempotency_key=idempotency_key,
        )

    def shadow_rule(self, rule_id: str | int, *, version: int, idempotency_key: str | None = None) -> Json:
        """Freeze the draft as a version that watches every event and changes none."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/shadow/",
            json=given(version=version),
            idempotency_key=idempotency_key,
        )

    def submit_rule(
        self,
        rule_id: str | int,
        *,
        version: int,
        number: Maybe[int] = UNSET,
        note: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Ask for the approval of the draft, or of a version in shadow."""
        return self.request(
            "POST",
            f"rules/{part(rule_id)}/submit/",
            json=given(number=number, version=version, note=note),
            idempotency_key=idempotency_key,
        )

    def watch_rule(self, rule_id: str | int, *, days: Maybe[int] = UNSET) -> Json:
        """What a rule did by day, its cost, its flags, and its version in shadow."""
        return self.request("GET", f"rules/{part(rule_id)}/watch/", params=given(days=days))
