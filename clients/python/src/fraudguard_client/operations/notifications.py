"""Notifications: one method for each operation. Written by generate.py."""

from collections.abc import Iterator, Sequence
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class NotificationsOperations(Transport):
    """Notifications."""

    def list_notifications(
        self,
        *,
        limit: Maybe[int] = UNSET,
        topic: Maybe[
            Literal[
                "alert.created",
                "alert.resolved",
                "case.created",
                "case.updated",
                "case.closed",
                "case.mention",
                "report.due",
                "job.finished",
                "model.promoted",
                "rule.activated",
                "system.alert",
                "notice.fraud",
                "notice.system",
            ]
        ] = UNSET,
        unread: Maybe[bool] = UNSET,
    ) -> Iterator[Row]:
        """What you were told, newest first."""
        return self.listed("notifications/", **given(limit=limit, topic=topic, unread=unread))

    def list_notification_channels(self, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Chats, pagers and SMS gateways."""
        return self.listed("notifications/channels/", **given(limit=limit))

    def create_notification_channel(
        self, *, name: str, url: str, owner: Maybe[str | None] = UNSET, idempotency_key: str | None = None
    ) -> Json:
        """A new channel; its URL is never shown again."""
        return self.request(
            "POST",
            "notifications/channels/",
            json=given(name=name, url=url, owner=owner),
            idempotency_key=idempotency_key,
        )

    def change_notification_channel(
        self, channel_id: str | int, *, version: int, active: Maybe[bool] = UNSET, url: Maybe[str] = UNSET
    ) -> Json:
        """Switch a channel on or off, or give it another URL."""
        return self.request(
            "PATCH",
            f"notifications/channels/{part(channel_id)}/",
            json=given(version=version, active=active, url=url),
        )

    def delete_notification_channel(self, channel_id: str | int) -> Json:
        """Delete a channel."""
        return self.request("DELETE", f"notifications/channels/{part(channel_id)}/")

    def send_fraud_alert(
        self,
        *,
        title: str,
        message: str,
        severity: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Send a notice about fraud."""
        return self.request(
            "POST",
            "notifications/fraud-alert/",
            json=given(title=title, message=message, severity=severity),
            idempotency_key=idempotency_key,
        )

    def list_sent_notifications(
        self,
        *,
        destination: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        state: Maybe[Literal["gathering", "pending", "delivered", "dead"]] = UNSET,
    ) -> Iterator[Row]:
        """What was sent by mail and channels, newest first, with every try."""
        return self.listed(
            "notifications/history/", **given(destination=destination, limit=limit, state=state)
        )

    def replay_notification(self, delivery_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Send a given-up message again."""
        return self.request(
            "POST", f"notifications/history/{part(delivery_id)}/replay/", idempotency_key=idempotency_key
        )

    def show_notification_preferences(self) -> Json:
        """How you want to be told."""
        return self.request("GET", "notifications/preferences/")

    def change_notification_preferences(
        self,
        *,
        muted_topics: Maybe[
            Sequence[
                Literal[
                    "alert.created",
                    "alert.resolved",
                    "case.created",
                    "case.updated",
                    "case.closed",
                    "case.mention",
                    "report.due",
                    "job.finished",
                    "model.promoted",
                    "rule.activated",
                    "system.alert",
                    "notice.fraud",
                    "notice.system",
                ]
            ]
        ] = UNSET,
        email: Maybe[bool] = UNSET,
        own_channels: Maybe[bool] = UNSET,
        digest: Maybe[Literal["immediately", "hourly", "daily"]] = UNSET,
        digest_hour: Maybe[int] = UNSET,
        quiet_from: Maybe[str | None] = UNSET,
        quiet_until: Maybe[str | None] = UNSET,
        critical_breaks_quiet: Maybe[bool] = UNSET,
        time_zone: Maybe[str] = UNSET,
    ) -> Json:
        """Change how you want to be told."""
        return self.request(
            "PATCH",
            "notifications/preferences/",
            json=given(
                muted_topics=muted_topics,
                email=email,
                own_channels=own_channels,
                digest=digest,
                digest_hour=digest_hour,
                quiet_from=quiet_from,
                quiet_until=quiet_until,
                critical_breaks_quiet=critical_breaks_quiet,
                time_zone=time_zone,
            ),
        )

    def read_notifications(self, *, idempotency_key: str | None = None) -> Json:
        """Mark all as read."""
        return self.request("POST", "notifications/read/", idempotency_key=idempotency_key)

    def list_notification_rules(self, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Who is told what."""
        return self.listed("notifications/rules/", **given(limit=limit))

    def create_notification_rule(
        self,
        *,
        name: str,
        topic: Literal[
            "alert.created",
            "alert.resolved",
            "case.created",
            "case.updated",
            "case.closed",
            "case.mention",
            "report.due",
            "job.finished",
            "model.promoted",
            "rule.activated",
            "system.alert",
            "notice.fraud",
            "notice.system",
        ],
        channels: Sequence[str],
        engine: Maybe[
            Literal[
                "payments", "aml", "credit", "insurance", "market", "system", "webhooks", "notifications", ""
            ]
        ] = UNSET,
        min_severity: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        min_amount_minor: Maybe[int | None] = UNSET,
        roles: Maybe[Sequence[Literal["admin", "analyst", "auditor"]]] = UNSET,
        users: Maybe[Sequence[str]] = UNSET,
        queue: Maybe[str] = UNSET,
        active: Maybe[bool] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """A new rule."""
        return self.request(
            "POST",
            "notifications/rules/",
            json=given(
                name=name,
                topic=topic,
                engine=engine,
                min_severity=min_severity,
                min_amount_minor=min_amount_minor,
                roles=roles,
                users=users,
                queue=queue,
                channels=channels,
                active=active,
            ),
            idempotency_key=idempotency_key,
        )

    def change_notification_rule(
        self,
        rule_id: str | int,
        *,
        name: str,
        topic: Literal[
            "alert.created",
            "alert.resolved",
            "case.created",
            "case.updated",
            "case.closed",
            "case.mention",
            "report.due",
            "job.finished",
            "model.promoted",
            "rule.activated",
            "system.alert",
            "notice.fraud",
            "notice.system",
        ],
        channels: Sequence[str],
        version: int,
        engine: Maybe[
            Literal[
                "payments", "aml", "credit", "insurance", "market", "system", "webhooks", "notifications", ""
            ]
        ] = UNSET,
        min_severity: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        min_amount_minor: Maybe[int | None] = UNSET,
        roles: Maybe[Sequence[Literal["admin", "analyst", "auditor"]]] = UNSET,
        users: Maybe[Sequence[str]] = UNSET,
        queue: Maybe[str] = UNSET,
        active: Maybe[bool] = UNSET,
    ) -> Json:
        """Change a rule."""
        return self.request(
            "PUT",
            f"notifications/rules/{part(rule_id)}/",
            json=given(
                name=name,
                topic=topic,
                engine=engine,
                min_severity=min_severity,
                min_amount_minor=min_amount_minor,
                roles=roles,
                users=users,
                queue=queue,
                channels=channels,
                active=active,
                version=version,
            ),
        )

    def delete_notification_rule(self, rule_id: str | int) -> Json:
        """Delete a rule."""
        return self.request("DELETE", f"notifications/rules/{part(rule_id)}/")

    def send_system_alert(
        self,
        *,
        title: str,
        message: str,
        severity: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Send a notice about the system."""
        return self.request(
            "POST",
            "notifications/system-alert/",
            json=given(title=title, message=message, severity=severity),
            idempotency_key=idempotency_key,
        )

    def list_notification_wordings(self) -> Json:
        """Subjects and bodies in force."""
        return self.request("GET", "notifications/wordings/")

    def change_notification_wording(self, topic: str | int, *, subject: str, body: str, version: int) -> Json:
        """Word a topic anew."""
        return self.request(
            "PUT",
            f"notifications/wordings/{part(topic)}/",
            json=given(subject=subject, body=body, version=version),
        )

    def reset_notification_wording(self, topic: str | int) -> Json:
        """Back to the shipped wording."""
        return self.request("DELETE", f"notifications/wordings/{part(topic)}/")

    def read_notification(self, notification_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Mark one as read."""
        return self.request(
            "POST", f"notifications/{part(notification_id)}/read/", idempotency_key=idempotency_key
        )
