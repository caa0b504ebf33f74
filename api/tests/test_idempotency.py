"""Idempotency-Key: every POST that changes something takes one; carried out once, answered the same."""

import pytest
from django.db import connection

from alerts.models import CaseComment, CaseFile, WebhookEndpoint
from alerts.services.cases.opening import open_case
from api.v1.urls import ROUTES
from fraud_detection.models import CustomList
from logs.models import IdempotentCall
from users.models import Customer

CHANGES_NOTHING = {
    "predict": "a decision that is not stored",
    "customers/predict": "a prediction that is not stored",
    "rules/validate": "what is wrong with a text",
    "rules/try": "what a text says of a stored event",
    "features/preview": "values of a definition",
    "token": "each sign-in has a token of its own",
    "token/refresh": "a refresh token is for one use",
    "token/revoke": "ends what may have ended",
}
URL = "/api/v1/lists/"
NEW = {"name": "watched_shops", "kind": "merchant", "description": "Shops to look at"}


def test_every_post_that_changes_something_takes_a_key():
    posts = {route: view.post for route, view in ROUTES.items() if hasattr(view, "post")}
    keyed = {route for route, post in posts.items() if getattr(post, "takes_idempotency_key", False)}
    assert sorted(posts.keys() - keyed) == sorted(CHANGES_NOTHING)


def test_the_document_says_which(document):
    from api.idempotency import HEADER

    for path, item in document.content["paths"].items():
        named = {one["name"] for one in item.get("post", {}).get("parameters", ())}
        route = path.removeprefix("/api/v1/").rstrip("/")
        assert ("post" in item and route not in CHANGES_NOTHING) == (HEADER in named), path


@pytest.fixture
def drafter(as_person):
    return as_person("analyst")


@pytest.mark.django_db
def test_carried_out_once_and_answered_the_same(drafter):
    first, again = (drafter.post(URL, NEW, headers={"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert CustomList.objects.filter(name=NEW["name"]).count() == 1
    assert drafter.post(URL, NEW).status_code == 422  # without the key it is another call


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "body"), [(URL, NEW | {"description": "x"}), (f"{URL}?a=1", NEW), ("/api/v1/webhooks/", NEW)]
)
def test_the_same_key_with_another_request_is_refused(as_person, address, body):
    admin = as_person("admin")
    assert admin.post(URL, NEW, headers={"Idempotency-Key": "k-2"}).status_code == 201
    answer = admin.post(address, body, headers={"Idempotency-Key": "k-2"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "This Idempotency-Key came with another request before."
    assert CustomList.objects.get(name=NEW["name"]).description == NEW["description"]


@pytest.mark.django_db
def test_a_call_that_still_runs_is_a_409_and_one_that_failed_frees_its_key(drafter):
    assert drafter.post(URL, {}, headers={"Idempotency-Key": "k-3"}).status_code == 422
    assert not IdempotentCall.objects.exists()
    assert drafter.post(URL, NEW, headers={"Idempotency-Key": "k-3"}).status_code == 201
    IdempotentCall.objects.update(status=None, body=None)
    running = drafter.post(URL, NEW, headers={"Idempotency-Key": "k-3"})
    assert (running.status_code, running["Retry-After"]) == (409, "1")


@pytest.mark.django_db
def test_keys_are_the_callers_own(as_person):
    one, two = as_person("analyst"), as_person("analyst")
    assert one.post(URL, NEW, headers={"Idempotency-Key": "k-4"}).status_code == 201
    answer = two.post(URL, NEW | {"name": "other_shops"}, headers={"Idempotency-Key": "k-4"})
    assert answer.status_code == 201 and answer.json()["name"] == "other_shops"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256])
def test_a_key_that_is_none_is_malformed(drafter, key):
    assert drafter.post(URL, NEW, headers={"Idempotency-Key": key}).status_code == 400
    assert not CustomList.objects.filter(name=NEW["name"]).exists()


@pytest.mark.django_db
def test_an_answer_that_holds_a_secret_is_kept_sealed_and_given_again(as_person):
    body = {"url": "https://hooks.example.com/in", "events": ["alert.created"]}
    admin = as_person("admin")
    first, again = (
        admin.post("/api/v1/webhooks/", body, headers={"Idempotency-Key": "k-5"}) for _ in range(2)
    )
    assert first.status_code == 201 and again.json() == first.json()
    assert first.json()["secret"] not in str(IdempotentCall.objects.get().body)
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.django_db
def test_an_answer_nobody_can_read_any_more_is_a_conflict(drafter):
    drafter.post(URL, NEW, headers={"Idempotency-Key": "k-6"})
    IdempotentCall.objects.update(body={"sealed": "gAAAA"})
    assert drafter.post(URL, NEW, headers={"Idempotency-Key": "k-6"}).status_code == 409


TAKEN_OVER = """
    create function pg_temp.take_over() returns trigger language plpgsql as $$
    begin update logs_idempotentcall set started_at = now() + interval '1 second'; return new; end $$;
    create trigger take_over after insert on fraud_detection_customlist
        for each row execute function pg_temp.take_over()
"""


@pytest.mark.django_db
def test_what_was_done_is_undone_when_its_answer_cannot_be_kept(drafter):
    """As when the process dies between the deed and the keeping: a second try must not do it twice."""
    drafter.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("alter table logs_idempotentcall add constraint kept_none check (status is null)")
    assert drafter.post(URL, NEW, headers={"Idempotency-Key": "k-9"}).status_code == 500
    assert not CustomList.objects.filter(name=NEW["name"]).exists()
    assert not IdempotentCall.objects.exists()


@pytest.mark.django_db
def test_a_call_whose_key_was_taken_over_undoes_what_it_did(drafter):
    """The second call is one that came when this one had run for more than a minute."""
    with connection.cursor() as cursor:
        cursor.execute(TAKEN_OVER)
    answer = drafter.post(URL, NEW, headers={"Idempotency-Key": "k-10"})
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    assert not CustomList.objects.filter(name=NEW["name"]).exists()


@pytest.fixture
def case(drafter):
    customer = Customer.objects.create(external_id="C-1")
    return open_case(title="Three shops", customer=customer, acting_user=drafter.person)


@pytest.mark.django_db
def test_a_multipart_body_is_the_same_whatever_its_boundary(drafter, case, settings, tmp_path):
    settings.CASE_FILES_DIR = tmp_path
    url = f"/api/v1/cases/{case.pk}/files/"

    def send(boundary: str, content: bytes):
        body = (
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
                f"Content-Type: text/plain\r\n\r\n"
            ).encode()
            + content
            + f"\r\n--{boundary}--\r\n".encode()
        )
        kind = f"multipart/form-data; boundary={boundary}"
        return drafter.post(url, body, content_type=kind, headers={"Idempotency-Key": "k-7"})

    content = b"x" * 200_000
    first, again, other = send("abc", content), send("defghi", content), send("abc", b"y")
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json() and first.json()["size"] == 200_000
    assert CaseFile.objects.count() == 1


@pytest.mark.django_db
def test_a_comment_is_made_once(drafter, case):
    url = f"/api/v1/cases/{case.pk}/comments/"
    for _ in range(3):
        assert drafter.post(url, {"text": "called"}, headers={"Idempotency-Key": "k-8"}).status_code == 201
    assert CaseComment.objects.count() == 1
