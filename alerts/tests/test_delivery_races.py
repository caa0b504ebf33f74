"""Deliveries and the endpoint they are for, over two real connections."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from alerts.models import OutboxMessage, WebhookDelivery
from alerts.services.fan_out import fan_out
from alerts.services.notifying import managing, personal
from alerts.services.notifying.channels import ChannelRefused
from alerts.services.notifying.managing import NotifyingConflict
from alerts.services.notifying.rule_checks import RuleRefused
from alerts.services.webhooks import change_endpoint, new_endpoint, replay
from alerts.services.webhooks.replaying import ReplayRefused
from alerts.tests.test_case_races import in_thread, waits_for_a_lock

RULE = {"name": "r", "topic": "alert.created", "roles": ["analyst"], "channels": ["in_app"]}
pytestmark = pytest.mark.django_db(transaction=True)


def test_an_endpoint_that_is_being_switched_off_gets_nothing_that_waits_for_ever(admin):
    made, _ = new_endpoint(url="https://93.184.216.34/x", events=["alert.created"], acting_user=admin)
    OutboxMessage.objects.create(topic="alert.created", payload={"alert_id": 1})
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change_endpoint(made.pk, seen=1, active=False, acting_user=admin)
            relaying = pool.submit(in_thread(fan_out))
            assert waits_for_a_lock(1)
        assert relaying.result() == 1
    assert not WebhookDelivery.objects.filter(state="pending").exists()


def test_nothing_is_replayed_to_an_endpoint_that_is_being_switched_off(admin):
    made, _ = new_endpoint(url="https://93.184.216.34/x", events=["alert.created"], acting_user=admin)
    message = OutboxMessage.objects.create(topic="alert.created", payload={"alert_id": 1})
    dead = WebhookDelivery.objects.create(message=message, endpoint=made, event=message.topic, state="dead")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change_endpoint(made.pk, seen=1, active=False, acting_user=admin)
            replaying = pool.submit(in_thread(lambda: replay(dead.pk, acting_user=admin)))
            assert waits_for_a_lock(1)
        with pytest.raises(ReplayRefused, match="switched off"):
            replaying.result()
    dead.refresh_from_db()
    assert dead.state == "dead"


@pytest.mark.parametrize("deed", ["wish", "wording", "channel", "rule"])
def test_two_first_ones_at_once_are_one_stored_and_one_answered(admin, deed):
    deeds = {
        "wish": lambda: personal.set_preferences({"digest": "daily"}, acting_user=admin),
        "wording": lambda: managing.save_wording("many", subject="s", body="b", acting_user=admin, seen=0),
        "channel": lambda: managing.new_channel(name="c", url="json://example.com", acting_user=admin),
        "rule": lambda: managing.save_rule(None, values=RULE, acting_user=admin),
    }
    answered = (ChannelRefused, NotifyingConflict, RuleRefused)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            deeds[deed]()
            second = pool.submit(in_thread(deeds[deed]))
            assert waits_for_a_lock(1)
        if deed == "wish":
            assert second.result().digest == "daily"
        else:
            with pytest.raises(answered):
                second.result()
