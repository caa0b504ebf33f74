"""Due webhook deliveries are sent, several endpoints and several of one endpoint at a time.

Threads only speak HTTP; the database is left to the one that claims and notes. An endpoint begins each run
with one try, and gets more at a time once it answered: there are threads for a try of every endpoint there
may be, so those that hang never keep the others waiting. After its first failure one is left alone a while.
"""

import time
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from alerts.models import WebhookDelivery, WebhookEndpoint
from alerts.services.delivering.alone import alone
from alerts.services.delivering.http import Sent, post
from alerts.services.delivering.waiting import database_now, restart_waits
from alerts.services.sealing import SealBroken, unseal
from alerts.services.webhooks import claiming
from alerts.services.webhooks.outcomes import note
from alerts.services.webhooks.payloads import body_of
from alerts.services.webhooks.signing import signed_headers

THREADS = 128  # more than MOST_ENDPOINTS; they only wait
OF_ONE_ENDPOINT = 16  # once it answered: 160 a second, when an answer takes 100 ms
BUDGET = 20.0  # seconds after which a run claims nothing more, so that workers can be stopped
LOOK_AGAIN = 0.5  # seconds after which a run looks for new rows beside those under way
log = structlog.get_logger(__name__)


def deliver_webhooks() -> int:
    """Send what is due; returns how many arrived. A second run beside a first does nothing."""
    with alone("webhooks") as mine:
        return _Run().work() if mine else 0


class _Run:
    """One deliverer: rows claimed and not yet sent by endpoint, and tries under way."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
        self.waiting: dict[int, list[WebhookDelivery]] = defaultdict(list)
        self.flying: dict[Future, tuple[WebhookEndpoint, WebhookDelivery]] = {}
        self.left_alone: set[int] = set()
        self.answering: set[int] = set()
        self.arrived = 0
        self.until = time.monotonic() + max(BUDGET, settings.WEBHOOK_TIMEOUT_SECONDS + 5)
        self.look_at = 0.0

    def work(self) -> int:
        restart_waits(WebhookDelivery, database_now())
        try:
            while True:
                if self.look_at <= time.monotonic() < self.until:
                    self._claim()
                if not self.flying:
                    return self.arrived
                done, _ = wait(self.flying, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
                self._note(done)
        finally:
            self._give_back()
            self.pool.shutdown(wait=False, cancel_futures=True)

    def _claim(self) -> None:
        self.look_at, now = time.monotonic() + LOOK_AGAIN, database_now()
        due = claiming.due_endpoints(now).exclude(pk__in=self.left_alone)
        if time.monotonic() > self.until - settings.WEBHOOK_TIMEOUT_SECONDS:
            due = due.filter(failures=0)  # a probe that hangs would hold up the next run, and all others
        for endpoint in due:
            if len(self.flying) < THREADS:
                self._take(endpoint, now)
                self._fly(endpoint)
        for endpoint in {e.pk: e for e, _ in self.flying.values()}.values():
            self._fly(endpoint)

    def _take(self, endpoint: WebhookEndpoint, now: datetime) -> None:
        if not self.waiting[endpoint.pk]:
            with transaction.atomic():
                self.waiting[endpoint.pk] = claiming.claim(endpoint, now)

    def _fly(self, endpoint: WebhookEndpoint) -> None:
        under_way = sum(1 for other, _ in self.flying.values() if other.pk == endpoint.pk)
        rows = self.waiting[endpoint.pk]
        most = OF_ONE_ENDPOINT if endpoint.pk in self.answering else 1
        now = database_now() if rows and under_way < most else None
        while rows and under_way < most and len(self.flying) < THREADS:
            delivery = rows.pop(0)
            self.flying[self._submit(endpoint, delivery, now)] = (endpoint, delivery)
            under_way += 1

    def _submit(self, endpoint: WebhookEndpoint, delivery: WebhookDelivery, now: datetime) -> Future:
        body = body_of(delivery.message)
        try:
            headers = signed_headers(
                secrets_of(endpoint, now), delivery.webhook_id, int(now.timestamp()), body
            )
        except SealBroken as broken:
            broken_seal: Future = Future()
            broken_seal.set_result(Sent(None, 0, str(broken)))
            return broken_seal
        timeout = settings.WEBHOOK_TIMEOUT_SECONDS
        return self.pool.submit(post, endpoint.url, body, headers, timeout=timeout)

    def _note(self, done: set[Future]) -> None:
        by_endpoint: dict[int, list[tuple[WebhookDelivery, Sent]]] = defaultdict(list)
        for future in done:
            endpoint, delivery = self.flying.pop(future)
            by_endpoint[endpoint.pk].append((delivery, future.result()))
        now = database_now() if done else None
        for endpoint_id, tried in by_endpoint.items():
            self.arrived += sum(sent.ok for _, sent in tried)
            if any(sent.ok for _, sent in tried):
                self.answering.add(endpoint_id)
            if not note(endpoint_id, tried, now):
                self._leave_alone(endpoint_id, now)
            self._fly_on(endpoint_id, now)

    def _fly_on(self, endpoint_id: int, now: datetime) -> None:
        if endpoint_id in self.left_alone or time.monotonic() > self.until:
            return
        endpoint = WebhookEndpoint.objects.get(pk=endpoint_id)
        if endpoint.active:
            self._take(endpoint, now)
            self._fly(endpoint)
        else:  # switched off meanwhile, and with it what waited
            self._leave_alone(endpoint_id, now)

    def _leave_alone(self, endpoint_id: int, now: datetime) -> None:
        self.left_alone.add(endpoint_id)
        rows = self.waiting.pop(endpoint_id, [])
        if rows:
            claiming.give_back(rows, now)
            claiming.pass_over(WebhookEndpoint.objects.get(pk=endpoint_id), now)

    def _give_back(self) -> None:
        rows = [delivery for queue in self.waiting.values() for delivery in queue]
        if rows:
            claiming.give_back(rows, database_now())


def secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The live secrets, the newest first; raises SealBroken."""
    live = [unseal(endpoint.sealed_secret)]
    if endpoint.sealed_former_secret and endpoint.former_secret_until > now:
        live.append(unseal(endpoint.sealed_former_secret))
    return live
