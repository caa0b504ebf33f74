"""Whatever card number is put into whatever field: it stands nowhere afterwards, and the card is known."""

import json
import logging
import string

import pytest
import redis
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection, models

from api.tests.test_credit import VECTOR
from api.tests.test_insurance import EXAMPLE
from fraud_detection.models import Assessment, RuleHit
from fraud_detection.services import serving
from fraud_detection.services.lists import add_list_entry
from logs.redacting import token_of
from logs.redacting.fields import CardSafe
from logs.redacting.schemes import luhn_valid
from ml.domains.payments import schema
from transactions.models import Transaction
from users.models import Customer

pytestmark = pytest.mark.django_db
VISA = "4539578763621486"
SPACED = "4539 5787 6362 1486"
V1 = "/api/v1"
TEXTS = [
    field.name
    for field in schema.FIELDS
    if field.kind in ("text", "email") and field.name != "transaction_id"
]


def number(place: int) -> str:
    """A Visa card of its own for each place."""
    digits = f"453957{place:09d}"
    return next(digits + last for last in string.digits if luhn_valid(digits + last))


def everything_stored() -> str:
    """Every row of every table as text, byte columns in hexadecimal."""
    names = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(f'select "{name}"::text from "{name}"' for name in names))
        return "\n".join(row for (row,) in cursor.fetchall())


def everything_in_redis() -> str:
    with redis.Redis.from_url(django_settings.REDIS_URL) as store:
        kinds = {
            b"string": store.get,
            b"stream": lambda key: store.xrange(key),
            b"list": lambda key: store.lrange(key, 0, -1),
            b"hash": store.hgetall,
            b"set": store.smembers,
            b"zset": lambda key: store.zrange(key, 0, -1),
        }
        return "\n".join(repr((key, kinds[store.type(key)](key))) for key in store.keys("*"))


def nowhere(caplog, *numbers: str) -> None:
    from logs.backlog import flush

    flush()
    logged = "\n".join(f"{r.getMessage()} {r.__dict__}" for r in caplog.records if r.name != "django.request")
    kept = {"database": everything_stored(), "redis": everything_in_redis(), "logs": logged}
    for digits in numbers:
        for written in (digits, " ".join(digits[i : i + 4] for i in range(0, 16, 4)), digits.encode().hex()):
            found = [place for place, text in kept.items() if written in text]
            assert not found, f"{written} stands in {found}"


@pytest.fixture
def shop(as_key, approving_engine):
    return as_key("ingest", "read", "labels")


def test_a_card_number_in_any_field_of_a_payment_is_kept_nowhere(shop, payment, caplog):
    caplog.set_level(logging.DEBUG)
    sent = {name: number(place) for place, name in enumerate(TEXTS)}
    sent["email"] = f"{number(90)}@example.com"
    note = f"pays with {SPACED} or {number(91)}"
    metadata = {"note": note, "n": int(number(92)), number(93): [{"x": VISA}]}
    body = payment(**sent, metadata=metadata)
    answer = shop.post(f"{V1}/transactions/", body, format="json")
    assert answer.status_code == 201, answer.content
    nowhere(caplog, VISA, number(90), number(91), number(92), number(93), *map(number, range(len(TEXTS))))
    stored = Transaction.objects.get()
    assert stored.card_token == token_of(sent["card_token"])
    assert stored.metadata == {
        "note": f"pays with {token_of(VISA)} or {token_of(number(91))}",
        "n": token_of(number(92)),
        token_of(number(93)): [{"x": token_of(VISA)}],
    }
    again = shop.post(f"{V1}/transactions/", body, format="json")
    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    # Another card with the same first six and last four digits is another body.
    twins = (f"453957{middle:06d}{body['card_token'][-4:]}" for middle in range(100, 999))
    twin = next(filter(luhn_valid, twins))
    other = shop.post(f"{V1}/transactions/", body | {"card_token": twin}, format="json")
    assert other.status_code == 409 and twin[6:12] not in other.content.decode()


def test_two_payments_of_one_card_are_the_same_card_to_features_and_lists(shop, payment, admin):
    first = payment(card_token=VISA)
    second = payment(card_token=SPACED, sender_id="acc-9")
    for body in (first, second):
        assert shop.post(f"{V1}/transactions/", body, format="json").status_code == 201
    keys = set(Transaction.objects.values_list("card_token", "card_key"))
    assert len(keys) == 1 and keys.pop()[0] == token_of(VISA)
    entry = add_list_entry(list="block", kind="card", value=SPACED, reason="stolen", acting_user=admin)
    assert entry.value == token_of(VISA)
    serving.forget()
    blocked = shop.post(f"{V1}/transactions/", payment(card_token=VISA), format="json").json()
    assert blocked["decision"] == "decline"
    assert RuleHit.objects.filter(assessment=blocked["id"]).exists()
    found = shop.get(f"{V1}/transactions/", {"q": VISA}).json()
    assert len(found["results"]) == 3


def test_the_events_own_id_stays_whatever_it_looks_like(shop, payment):
    body = payment(transaction_id=VISA)
    assert shop.post(f"{V1}/transactions/", body, format="json").json()["transaction_id"] == VISA
    assert shop.get(f"{V1}/transactions/{VISA}/").json()["transaction_id"] == VISA
    assert shop.post(f"{V1}/transactions/", body, format="json").status_code == 200


def test_refusals_bulk_and_predict_tell_no_number_either(shop, payment, caplog):
    caplog.set_level(logging.DEBUG)
    bad = payment(type=VISA, amount=SPACED, country=number(1), **{number(2): 1})
    refused = shop.post(f"{V1}/transactions/", bad, format="json")
    assert refused.status_code == 422
    scored = shop.post(
        f"{V1}/score/",
        {"transactions": [bad, payment(sender_name=VISA), payment(receiver_id=number(3))]},
        format="json",
        headers={"Idempotency-Key": "one-of-these-tests"},
    )
    predicted = shop.post(f"{V1}/predict/", payment(card_token=VISA, user_id=number(4)), format="json")
    assert (scored.status_code, predicted.status_code) == (200, 200)
    told = refused.content.decode() + scored.content.decode() + predicted.content.decode()
    for digits in (VISA, SPACED, *map(number, (1, 2, 3, 4))):
        assert digits not in told
    nowhere(caplog, VISA, *map(number, (1, 2, 3, 4)))


def test_the_other_engines_labels_and_customers_by_card(shop, payment, caplog):
    caplog.set_level(logging.DEBUG)
    claim = EXAMPLE | {"claimant_id": number(1), "phone": number(2), "bank_account": SPACED}
    asked = VECTOR | {"applicant_id": number(3), "phone": number(4), "identity_hash": number(5)}
    order = {
        "event_id": "E-1", "event": "order", "symbol": "ACME", "price": "10.00", "volume": 5,
        "side": "buy", "trader_id": number(6), "order_id": number(7), "owner_group": number(8),
        "occurred_at": "2026-01-05T10:00:00Z",
    }  # fmt: skip
    for route, body in (
        ("insurance/detect", claim),
        ("credit/assess", asked),
        ("market/detect", order),
        ("aml/detect", payment(transaction_id="T-aml", receiver_name=number(9))),
    ):
        answer = shop.post(f"{V1}/{route}/", body, format="json")
        assert answer.status_code == 201, answer.content
    label = {"transaction_id": "T-aml", "verdict": "fraud", "source": "customer", "reason": f"card {SPACED}"}
    for _ in range(2):  # the same said twice is one label
        assert shop.post(f"{V1}/labels/", label, format="json").status_code in (200, 201)
    nowhere(caplog, VISA, *map(number, range(1, 10)))
    assert Customer.objects.filter(external_id=number(1)).count() == 1  # asked for by the full number
    assert Assessment.objects.count() == 4


def test_what_people_write_is_masked(admin, analyst, client, drain, shop, caplog):
    from alerts.models import Alert, CaseComment
    from alerts.services.cases.commenting import comment_on_case
    from alerts.services.cases.opening import open_case

    caplog.set_level(logging.DEBUG)
    shop.post(f"{V1}/transactions/", drain(), format="json")
    alert = Alert.objects.first()
    case = open_case(alert_ids=[alert.pk], title=f"Card {SPACED}", acting_user=analyst)
    comment_on_case(case_id=case.pk, text=f"Called about {VISA}.", acting_user=analyst)
    assert CaseComment.objects.get().text == f"Called about {token_of(VISA)}."
    client.force_login(admin)
    assert client.get("/search/", {"q": SPACED}).status_code == 200
    assert client.get("/alerts/", {"q": VISA, "tab": "all"}).status_code == 200
    nowhere(caplog, VISA)


def test_headers_and_failed_sign_ins_keep_no_number(shop, payment, client, analyst, caplog):
    caplog.set_level(logging.DEBUG)
    headers = {"X-Request-ID": number(1), "Idempotency-Key": number(2), "User-Agent": number(3)}
    assert shop.post(f"{V1}/transactions/", payment(), format="json", headers=headers).status_code == 201
    typed = {"username": number(4), "password": number(5)}
    failed = client.post(f"/login/?next=/{number(6)}", typed, headers={"User-Agent": f"X {number(7)}"})
    assert failed.status_code == 200
    shop.post(f"{V1}/token/", {"email": number(8), "password": number(5)}, format="json")
    client.post("/login/", {"username": analyst.email, "password": number(5)})
    from axes.models import AccessAttempt

    assert AccessAttempt.objects.filter(username=token_of(number(4))).count() == 1
    nowhere(caplog, *map(number, range(1, 9)))


# Columns that are made here, checked against a fixed form, or hold an event's own id.
MADE_HERE = {
    *("transaction_id", "application_id", "claim_id", "event_id", "external_id"),
    *("prefix", "digest", "password", "newest", "sha256", "stored", "webhook_id", "inputs_digest"),
    *("sealed_secret", "sealed_former_secret", "sealed_url", "sealed_key", "sealed", "request_id", "caller"),
    *("currency", "country", "home_country", "ip_country", "sender_country", "receiver_country"),
    *("time_zone", "content_type", "family", "engine", "event", "code", "rule", "kind", "lane", "status"),
    *("fail_decision", "release_seed", "subject_kind", "actor_kind", "actor", "author", "reason_code"),
}
# Models in which only the columns named hold what people or clients write; the rest is ours.
WRITTEN = {
    *("transactions.CreditApplication.phone", "transactions.Transaction.metadata", "users.Customer.name"),
    *(
        "transactions.InsuranceClaim.address",
        "transactions.MarketEvent.trader_id",
        "transactions.Label.reason",
    ),
    *("alerts.Alert.note", "alerts.Case.title", "alerts.CaseComment.text", "alerts.CaseFile.name"),
    *("alerts.CaseTask.title", "alerts.CaseNarrative.who", "alerts.CaseReport.text", "alerts.Absence.note"),
    *("alerts.OutboxMessage.payload", "alerts.Notification.title", "alerts.NotificationDelivery.body"),
    *("alerts.DeliveryAttempt.response", "alerts.SystemAlert.message", "alerts.WebhookEndpoint.description"),
    *(
        "fraud_detection.Assessment.reasons",
        "fraud_detection.RuleHit.reason",
        "fraud_detection.RuleHit.metadata",
    ),
    *(
        "fraud_detection.ListEntry.value",
        "fraud_detection.ListEntry.reason",
        "fraud_detection.RuleSnooze.subject",
    ),
    *("fraud_detection.HistoryUpload.filename", "fraud_detection.HistoryUpload.name"),
    *("fraud_detection.ReviewRequest.reason", "fraud_detection.ReviewRequest.note"),
    *("fraud_detection.ErasureRequest.reason", "fraud_detection.ExternalPrediction.reasons"),
    *(
        "logs.AuditEvent.before",
        "logs.AuditEvent.after",
        "logs.AuditEvent.subject",
        "logs.IdempotentCall.body",
    ),
    *("logs.IdempotentCall.key", "fraud_detection.BatchJob.filename"),
    *("users.ClientSystem.name", "users.User.name"),
}


def test_columns_that_people_or_clients_fill_are_card_safe():
    for name in WRITTEN:
        model, _, column = name.rpartition(".")
        assert isinstance(apps.get_model(model)._meta.get_field(column), CardSafe), name


@pytest.mark.parametrize(
    "model", ["transactions.Transaction", "users.Customer", "alerts.Alert", "alerts.Case"]
)
def test_a_new_column_of_these_is_card_safe_or_made_here(model):
    plain = {
        field.name
        for field in apps.get_model(model)._meta.local_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not isinstance(field, CardSafe)
        and not field.choices
        and not field.name.endswith("_by")
    }
    assert plain - MADE_HERE <= {"told_severity"}


def test_the_canonical_json_of_a_body_is_what_is_looked_at():
    assert json.dumps({"a": "4539\u00a05787"}).count("\\") == 1  # other spaces are seen by their escape
