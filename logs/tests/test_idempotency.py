from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from logs.models import IdempotentCall
from logs.services import Standing, begin_call, finish_call, forget_call
from logs.services.idempotency import purge_calls

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def begin(digest=b"a" * 16, now=NOW, caller="client:1", key="k"):
    return begin_call(caller=caller, key=key, digest=digest, now=now)


@pytest.mark.django_db
def test_a_call_is_new_then_running_then_answered():
    first = begin()
    assert first.standing == Standing.NEW
    assert begin().standing == Standing.RUNNING
    finish_call(first, status=201, body={"id": 7})
    again = begin()
    assert (again.standing, again.status, again.body) == (Standing.ANSWERED, 201, {"id": 7})


@pytest.mark.django_db
def test_another_body_under_the_same_key_is_told_apart_and_changes_nothing():
    finish_call(begin(), status=201, body={"id": 7})
    assert begin(digest=b"b" * 16).standing == Standing.OTHER_BODY
    assert bytes(IdempotentCall.objects.get().digest) == b"a" * 16


@pytest.mark.django_db
def test_keys_of_callers_do_not_meet():
    assert begin(caller="client:1").standing == begin(caller="client:2").standing == Standing.NEW


@pytest.mark.django_db
def test_a_dead_call_can_be_tried_again_after_its_lease_but_not_with_another_body():
    begin()
    later = NOW + timedelta(seconds=60)
    assert begin(now=later - timedelta(microseconds=1)).standing == Standing.RUNNING
    assert begin(now=later, digest=b"b" * 16).standing == Standing.OTHER_BODY
    assert begin(now=later).standing == Standing.NEW


@pytest.mark.django_db
def test_a_call_that_lost_its_key_neither_answers_nor_frees_it():
    slow, second = begin(), begin(now=NOW + timedelta(seconds=60))
    assert not finish_call(slow, status=201, body={"id": 7})
    forget_call(slow)
    assert begin(now=NOW + timedelta(seconds=61)).standing == Standing.RUNNING
    assert finish_call(second, status=201, body={"id": 8})
    assert begin(now=NOW + timedelta(seconds=62)).body == {"id": 8}


@pytest.mark.django_db
def test_an_answer_is_kept_for_a_day():
    finish_call(begin(), status=201, body={})
    day = NOW + timedelta(hours=24)
    assert begin(now=day - timedelta(microseconds=1), digest=b"b" * 16).standing == Standing.OTHER_BODY
    assert purge_calls(day - timedelta(microseconds=1)) == 0
    assert begin(now=day, digest=b"b" * 16).standing == Standing.NEW
    assert purge_calls(day + timedelta(hours=24)) == 1


@pytest.mark.django_db
def test_a_call_that_failed_frees_its_key():
    forget_call(begin())
    assert begin().standing == Standing.NEW


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_calls_one_is_new():
    def try_one(_):
        try:
            return begin().standing
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        standings = sorted(pool.map(try_one, range(8)))
    assert standings == [Standing.NEW] + [Standing.RUNNING] * 7
