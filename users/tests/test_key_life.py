"""Keys in use: rotation with grace, when they were last used, lists of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from logs.models import AuditEvent
from users.models import ApiKey
from users.selectors import api_key_for, forget_cached_keys
from users.selectors.keys import key_list
from users.services import KeyConflict, KeyRefused, create_api_key, revoke_api_key, rotate_api_key
from users.services.key_use import forget_noted, note_use

pytestmark = pytest.mark.django_db
ANA = "ana@example.com"


def made(**options) -> tuple[ApiKey, str]:
    return create_api_key(**({"name": "shop", "scopes": ["read"], "created_by": ANA} | options))


def age(key: ApiKey, **past: timedelta) -> None:
    ApiKey.objects.filter(pk=key.pk).update(**{name: timezone.now() - ago for name, ago in past.items()})
    forget_cached_keys()


def test_rotation_gives_a_key_on_the_same_terms_and_the_old_one_a_while():
    old, first = made(allowed_networks=["10.0.0.0/8"], rate_limit=7, is_test=True)
    new, second = rotate_api_key(prefix=old.prefix, rotated_by=ANA, grace=timedelta(hours=2))
    assert second.startswith("fgt_") and second != first
    assert (new.client, new.scopes, new.allowed_networks, new.rate_limit, new.expires_at) == (
        old.client, ["read"], ["10.0.0.0/8"], 7, None,
    )  # fmt: skip
    forget_cached_keys()
    assert api_key_for(first, address="10.1.1.1") == old and api_key_for(second, address="10.1.1.1") == new
    old.refresh_from_db()
    assert (old.state, new.state, old.replaced_by) == ("replaced", "live", new)
    age(old, expires_at=timedelta(seconds=1))
    assert api_key_for(first, address="10.1.1.1") is None and api_key_for(second, address="10.1.1.1") == new
    told = list(AuditEvent.objects.order_by("id").values_list("action", "subject"))
    assert told[1:] == [("api_key.rotated", old.prefix), ("api_key.created", new.prefix)]
    assert second not in str(AuditEvent.objects.values())


def test_a_key_is_rotated_once_and_only_while_it_lives():
    old, _ = made()
    new, _ = rotate_api_key(prefix=old.prefix, rotated_by=ANA)
    with pytest.raises(KeyConflict, match="replaced already"):
        rotate_api_key(prefix=old.prefix, rotated_by=ANA)
    revoke_api_key(prefix=new.prefix, revoked_by=ANA)
    with pytest.raises(KeyConflict, match="revoked already"):
        rotate_api_key(prefix=new.prefix, rotated_by=ANA)
    with pytest.raises(ApiKey.DoesNotExist):
        rotate_api_key(prefix="00000000", rotated_by=ANA)
    assert ApiKey.objects.count() == 2


def test_the_successor_lives_as_long_and_grace_gives_no_longer_life():
    old, _ = made(expires_at=timezone.now() + timedelta(days=30))
    age(old, created_at=timedelta(days=29))
    ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now() + timedelta(days=1))
    soon = ApiKey.objects.get(pk=old.pk).expires_at
    new, _ = rotate_api_key(prefix=old.prefix, rotated_by=ANA, grace=timedelta(days=7))
    assert new.expires_at - timezone.now() > timedelta(days=29, hours=23)
    assert ApiKey.objects.get(pk=old.pk).expires_at == soon


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"grace": timedelta(days=91)}, "grace_hours"),
        ({"grace": timedelta(hours=-1)}, "grace_hours"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_wrong_rotation_changes_nothing(options, field):
    old, _ = made()
    with pytest.raises(KeyRefused, match=field):
        rotate_api_key(prefix=old.prefix, rotated_by=ANA, **options)
    assert ApiKey.objects.get().state == "live" and AuditEvent.objects.count() == 1


def test_use_is_written_once_a_minute_and_process():
    key, _ = made()
    forget_noted()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        note_use(key)
        note_use(key)
    assert len(asked) == 1
    first = ApiKey.objects.get(pk=key.pk).last_used_at
    assert abs(timezone.now() - first) < timedelta(minutes=1)
    forget_noted()  # another process: what one wrote within the minute, the other need not
    note_use(key)
    assert ApiKey.objects.get(pk=key.pk).last_used_at == first
    forget_noted()
    age(key, last_used_at=timedelta(minutes=2))
    note_use(key)
    assert ApiKey.objects.get(pk=key.pk).last_used_at > first - timedelta(seconds=1)


def test_only_a_key_that_is_let_in_was_used(anyone):
    key, raw = made()
    for value in (raw[:-1] + ("0" if raw[-1] != "0" else "1"), "fg_" + key.prefix + "_0"):
        assert APIClient(headers={"X-API-Key": value}).get("/api/v1/transactions/").status_code == 401
    assert ApiKey.objects.get(pk=key.pk).last_used_at is None
    assert APIClient(headers={"X-API-Key": raw}).get("/api/v1/transactions/").status_code == 200
    assert ApiKey.objects.get(pk=key.pk).last_used_at is not None


def test_networks_are_stored_in_their_usual_spelling_and_hold_for_mapped_addresses():
    key, raw = made(allowed_networks=[" 10.1.2.3", "2001:0db8::/32", "10.1.2.3/32"])
    assert key.allowed_networks == ["10.1.2.3/32", "2001:db8::/32"]
    assert api_key_for(raw, address="::ffff:10.1.2.3") == key
    assert api_key_for(raw, address="::ffff:10.1.2.4") is None
    with pytest.raises(KeyRefused, match="at most 100"):
        made(allowed_networks=[f"10.0.0.{number}" for number in range(101)])


def test_lists_know_every_state():
    now = timezone.now()
    live, gone = made(name="bank")[0], made()[0]
    revoke_api_key(prefix=gone.prefix, revoked_by=ANA)
    old, late = made(scopes=["ingest"])[0], made()[0]
    rotate_api_key(prefix=old.prefix, rotated_by=ANA)
    age(late, expires_at=timedelta(seconds=5))
    found = {state: set(key_list(now, state=state)) for state in ("live", "replaced", "expired", "revoked")}
    assert found["live"] == {live, ApiKey.objects.get(pk=old.pk).replaced_by}
    assert (found["replaced"], found["expired"], found["revoked"]) == ({old}, {late}, {gone})
    assert all(key.state == state for state, keys in found.items() for key in keys)
    assert set(key_list(now, text="BAN")) == set(key_list(now, client="bank")) == {live}
    assert list(key_list(now, text=live.prefix[:6])) == [live]
    assert len(key_list(now, scope="ingest")) == 2 and len(key_list(now, state="nonsense")) == 5
