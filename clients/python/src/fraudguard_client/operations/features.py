"""Features: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class FeaturesOperations(Transport):
    """Features."""

    def list_features(self, *, engine: Maybe[str] = UNSET, search: Maybe[str] = UNSET) -> Json:
        """Every feature of an engine with its meaning and who reads it."""
        return self.request("GET", "features/", params=given(engine=engine, search=search))

    def draft_feature(
        self,
        *,
        engine: str,
        name: str,
        spec: Any,
        meaning: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Draft a feature, or the next version of one."""
        return self.request(
            "POST",
            "features/",
            json=given(engine=engine, name=name, spec=spec, meaning=meaning),
            idempotency_key=idempotency_key,
        )

    def list_feature_definitions(
        self,
        *,
        engine: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        name: Maybe[str] = UNSET,
        stage: Maybe[Literal["draft", "pending", "active", "retired"]] = UNSET,
    ) -> Iterator[Row]:
        """Versions of the features that people define, newest first."""
        return self.listed(
            "features/definitions/", **given(engine=engine, limit=limit, name=name, stage=stage)
        )

    def preview_feature(
        self, *, engine: str, spec: Any, assessment_id: Maybe[int] = UNSET, idempotency_key: str | None = None
    ) -> Json:
        """Values of a definition over the newest stored events; nothing is stored."""
        return self.request(
            "POST",
            "features/preview/",
            json=given(engine=engine, spec=spec, assessment_id=assessment_id),
            idempotency_key=idempotency_key,
        )

    def show_feature(self, feature_id: str | int) -> Json:
        """One version of a defined feature."""
        return self.request("GET", f"features/{part(feature_id)}/")

    def change_feature(
        self, feature_id: str | int, *, spec: Any, version: int, meaning: Maybe[str] = UNSET
    ) -> Json:
        """The next wording of a draft."""
        return self.request(
            "PUT", f"features/{part(feature_id)}/", json=given(spec=spec, meaning=meaning, version=version)
        )

    def approve_feature(
        self, feature_id: str | int, *, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Put a feature in force; not by its author."""
        return self.request(
            "POST",
            f"features/{part(feature_id)}/approve/",
            json=given(version=version),
            idempotency_key=idempotency_key,
        )

    def reject_feature(
        self, feature_id: str | int, *, version: int, reason: str, idempotency_key: str | None = None
    ) -> Json:
        """Send a feature back to be a draft."""
        return self.request(
            "POST",
            f"features/{part(feature_id)}/reject/",
            json=given(version=version, reason=reason),
            idempotency_key=idempotency_key,
        )

    def retire_feature(
        self,
        feature_id: str | int,
        *,
        version: int,
        reason: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Compute a feature no more."""
        return self.request(
            "POST",
            f"features/{part(feature_id)}/retire/",
            json=given(version=version, reason=reason),
            idempotency_key=idempotency_key,
        )

    def submit_feature(
        self, feature_id: str | int, *, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Ask for approval of a draft."""
        return self.request(
            "POST",
            f"features/{part(feature_id)}/submit/",
            json=given(version=version),
            idempotency_key=idempotency_key,
        )
