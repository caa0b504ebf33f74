"""Messages for people, what comes due, and a real mail server."""

from contextlib import contextmanager

from aiosmtpd.controller import Controller

from alerts.models import (
    NotificationDelivery,
    OutboxMessage,
)
from alerts.services.delivering.waiting import database_now
from alerts.services.outbox import relay_outbox
from tests.real_server import _free_port as free_port


def tell(count=1, topic="alert.created", severity="critical", start=1, **more):
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            topic=topic,
            payload={"alert_id": n, "severity": severity, "engine": "payments", "rule": "DRAIN"}
            | {"reason": "emptied", "subject": "acc-1"}
            | more,
        )
        for n in range(start, start + count)
    )
    relay_outbox()


def come_due():
    waiting = NotificationDelivery.objects.filter(state__in=("gathering", "pending"))
    waiting.update(scheduled_at=database_now(), next_attempt_at=database_now())


class Mailbox:
    """Keeps what it is sent; `refusal` is its answer instead."""

    def __init__(self):
        self.messages, self.refusal = [], ""

    async def handle_DATA(self, server, session, envelope):
        if self.refusal:
            return self.refusal
        self.messages.append(envelope)
        return "250 OK"


@contextmanager
def smtp(settings):
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    try:
        yield box
    finally:
        server.stop()
