"""API keys: made once, checked by digest, ended."""

import io
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from logs.models import AuditEvent
from users.models import ApiKey, ClientSystem
from users.selectors import api_key_for, digest_of, forget_cached_keys
from users.services import KeyRefused, create_api_key, revoke_api_key

pytestmark = pytest.mark.django_db


def made(**options):
    return create_api_key(
        **({"name": "shop", "scopes": ["ingest"], "created_by": "ana@example.com"} | options)
    )


def test_only_the_digest_is_stored_and_the_trail_says_who():
    key, raw = made(scopes=["read", "ingest", "read"], rate_limit=60)
    assert re.fullmatch(r"fg_[0-9a-f]{8}_[0-9a-f]{64}", raw)
    stored = ApiKey.objects.values().get()
    assert raw.split("_")[2] not in str(stored) and stored["digest"] == digest_of(raw)
    assert (stored["scopes"], stored["rate_limit"]) == (["ingest", "read"], 60)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject) == ("api_key.created", "ana@example.com", key.prefix)
    assert raw not in str(AuditEvent.objects.values().get())


def test_keys_of_one_system_share_it():
    assert made()[0].client == made()[0].client == ClientSystem.objects.get(name="shop")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "shop\x00"}, "name"),
        ({"scopes": []}, "scopes: none given"),
        ({"scopes": ["ingest", "root"]}, "scopes: root"),
        ({"allowed_networks": ["10.0.0.1/8"]}, "allowed_networks: '10.0.0.1/8'"),
        ({"rate_limit": 0}, "rate_limit"),
        ({"rate_limit": -5}, "rate_limit"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_what_cannot_be_made_is_named_and_leaves_nothing(options, field):
    with pytest.raises(KeyRefused, match=field):
        made(**options)
    assert (
        not ApiKey.objects.exists() and not ClientSystem.objects.exists() and not AuditEvent.objects.exists()
    )


def test_the_secret_opens_and_nothing_like_it_does():
    key, raw = made()
    assert api_key_for(raw) == key
    prefix, secret = raw.split("_")[1:]
    wrong = f"fg_{prefix}_{'0' * 64}"
    for text in (wrong, raw + "0", raw[:-1], raw.upper(), f"fg_{prefix}_", prefix, secret, f"fg__{secret}"):
        assert api_key_for(text) is None
    for text in (
        "",
        "fg_",
        "fg__",
        "fg_a_b_c",
        "fg_\x00_x",
        "fg_é_é",
        "fg_a_" + "b" * 10_000,
        "🔑",
        "fg_a_b\n",
    ):
        assert api_key_for(text) is None


def test_a_revoked_key_is_refused_for_good(django_capture_on_commit_callbacks):
    key, raw = made()
    assert api_key_for(raw) == key
    with django_capture_on_commit_callbacks(execute=True):
        revoke_api_key(prefix=key.prefix, revoked_by="boss@example.com")
    assert api_key_for(raw) is None
    ended = ApiKey.objects.get().revoked_at
    revoke_api_key(prefix=key.prefix, revoked_by="again@example.com")
    assert ApiKey.objects.get().revoked_at == ended
    assert list(AuditEvent.objects.filter(action="api_key.revoked").values_list("actor", flat=True)) == [
        "boss@example.com"
    ]


def test_an_expired_key_is_refused():
    key, raw = made(expires_at=timezone.now() + timedelta(hours=1))
    assert api_key_for(raw) == key
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    forget_cached_keys()
    assert api_key_for(raw) is None


@pytest.mark.parametrize(
    ("address", "opens"),
    [
        ("10.1.2.3", True),
        ("2001:db8::7", True),
        ("11.0.0.1", False),
        ("", False),
        (None, False),
        ("nonsense", False),
    ],
)
def test_a_network_key_opens_from_its_networks_only(address, opens):
    _, raw = made(allowed_networks=["10.0.0.0/8", "2001:db8::/32"])
    assert (api_key_for(raw, address=address) is not None) is opens


def test_two_prefixes_do_not_open_each_other():
    (first, _), (_, second) = made(), made(name="till")
    assert api_key_for(f"fg_{first.prefix}_{second.split('_')[2]}") is None


def command(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_prints_the_key_alone_on_stdout():
    out, err = command(
        "shop", "--scope", "ingest", "--scope", "read", "--network", "10.0.0.0/8", "--days", "30"
    )
    raw = out.removesuffix("\n")
    key = api_key_for(raw, address="10.0.0.1")
    assert (key.client.name, key.scopes, key.allowed_networks) == ("shop", ["ingest", "read"], ["10.0.0.0/8"])
    assert key.expires_at - key.created_at > timedelta(days=29, hours=23)
    assert err == "Key of 'shop', scopes ingest, read; it is shown only now:\n"


def test_the_command_takes_a_moment_too():
    raw = command("shop", "--scope", "read", "--expires-at", "2100-01-01T00:00+01:00")[0].strip()
    assert api_key_for(raw).expires_at.isoformat() == "2099-12-31T23:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("shop", "--scope", "root"), "invalid choice: 'root'"),
        (("shop",), "--scope"),
        (("", "--scope", "read"), "name"),
        (("shop", "--scope", "read", "--network", "nowhere"), "'nowhere'"),
        (("shop", "--scope", "read", "--days", "0"), "expires_at"),
        (("shop", "--scope", "read", "--days", "99999999999"), "--days"),
        (("shop", "--scope", "read", "--rate-limit", "0"), "rate_limit"),
        (("shop", "--scope", "read", "--expires-at", "soon"), "'soon' is no time"),
        (("shop", "--scope", "read", "--expires-at", "2001-01-01"), "expires_at"),
        (("shop", "--scope", "read", "--days", "1", "--expires-at", "2100-01-01"), "not allowed with"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, message):
    with pytest.raises(CommandError, match=message):
        command(*arguments)
    assert not ApiKey.objects.exists() and not ClientSystem.objects.exists()
