"""The random release: who is eligible, that it is the same each time, and that it replays."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, EngineState, PolicyVersion, RuleHit
from fraud_detection.policy import APPROVE, REVIEW, Policy, Verdict, judge, luck, released
from fraud_detection.services import serving as servings
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.lists import add_list_entry
from fraud_detection.services.policies import PolicyRefused, activate_policy, draft_policy
from fraud_detection.services.predictions import predict_payment
from fraud_detection.services.replaying import replay
from fraud_detection.services.stored_decisions import stored_decisions
from fraud_detection.tests.test_policy import Hit
from logs.models import AuditEvent
from transactions.models import Transaction
from transactions.services import record_labels
from users.services import client_system

SEED = "a secret seed"
ALWAYS = Policy("payments-policy-2", release_share=1.0, release_seed=SEED)  # no stored policy may say so


def verdict(*hits, probability=0.7, degraded=False, policy=ALWAYS, event="1:T-1") -> Verdict:
    plain = judge(
        policy=policy, probability=probability, hits=hits, degraded=degraded, model_may_decline=True
    )
    return released(plain, policy=policy, hits=hits, degraded=degraded, event=event)


def test_what_the_score_alone_stops_is_released_with_its_score():
    found = verdict()
    assert (found.decision, found.released, found.release_propensity) == (APPROVE, True, 1.0)
    assert (found.risk_score, found.risk_level, found.is_fraud) == (70.0, "high", True)
    assert verdict(Hit("velocity", 0.9)).released


@pytest.mark.parametrize(
    ("hits", "given"),
    [
        ([Hit("list", 0.9, outcome="decline", cannot_be_overridden=True)], {}),
        ([Hit("a", 0.9, outcome="review")], {}),
        ([Hit("a", 0.9, cannot_be_overridden=True)], {}),
        ([], {"degraded": True}),
        ([], {"probability": 0.2}),
        ([], {"policy": Policy("payments-policy-1")}),
    ],
    ids=[
        "block list",
        "forced outcome",
        "not to be overridden",
        "degraded",
        "approved anyway",
        "switched off",
    ],
)
def test_who_is_never_released(hits, given):
    found = verdict(*hits, **given)
    assert not found.released and found.release_propensity is None


def test_luck_is_even_and_depends_on_event_and_seed():
    drawn = [luck(SEED, f"1:T-{n}") for n in range(20_000)]
    assert all(0 <= number < 1 for number in drawn)
    assert Counter(int(10 * number) for number in drawn).most_common()[-1][1] > 1_850
    assert luck(SEED, "1:T-1") == luck(SEED, "1:T-1") != luck(SEED, "2:T-1")
    assert luck("another", "1:T-1") != luck(SEED, "1:T-1")
    half = Policy("p", release_share=0.5, release_seed=SEED)
    share = sum(verdict(policy=half, event=f"1:{n}").released for n in range(2_000)) / 2_000
    assert 0.45 < share < 0.55


@pytest.fixture
def releasing(approving_engine) -> PolicyVersion:
    """One event in a hundred, reviews from a score that ordinary hits reach."""
    policy = PolicyVersion.objects.create(
        engine="payments",
        number=3,
        review_from=10,
        decline_from=99,
        fail_decision="approve",
        release_share=0.01,
        release_seed=SEED,
    )
    EngineState.objects.filter(engine="payments").update(policy=policy, revision=9)
    servings.forget()
    return policy


def names(client, wanted: bool) -> list[str]:
    """Ids whose luck is wanted or not, under the seed of these tests."""
    found = (f"T-{n}" for n in range(10_000))
    return [name for name in found if (luck(SEED, f"{client.pk}:{name}") < 0.01) is wanted][:3]


@pytest.fixture
def without_faults(champion, releasing):
    """A model in force, so that nothing is degraded: a degraded decision is never released."""
    servings.forget()


@pytest.mark.django_db
def test_a_lucky_event_is_approved_and_says_so(without_faults, drain):
    client = client_system("shop")
    lucky, unlucky = names(client, True)[0], names(client, False)[0]
    body = decide_payment(drain(transaction_id=lucky), client=client).body
    assert (body["decision"], body["released"], body["is_fraud"]) == ("approve", True, True)
    held = decide_payment(drain(transaction_id=unlucky, sender_id="acc-9"), client=client).body
    assert (held["decision"], held["released"]) == (REVIEW, False)
    stored = dict(Assessment.objects.values_list("external_id", "release_propensity"))
    assert stored == {lucky: 0.01, unlucky: 0.01}


@pytest.mark.django_db
def test_a_retry_and_a_batch_give_the_same(without_faults, drain, payment):
    client = client_system("shop")
    lucky, second = names(client, True)[:2]
    record = drain(transaction_id=lucky)
    first = decide_payment(record, client=client)
    again = decide_payment(record, client=client)
    assert again.replayed and again.body == first.body
    batch = decide_payments(
        [payment(sender_id="acc-8"), drain(transaction_id=second, sender_id="acc-7")], client=client
    )
    assert [(one.body["decision"], one.body["released"]) for one in batch] == [
        ("approve", False),
        ("approve", True),
    ]
    calm = Assessment.objects.get(customer__external_id="acc-8")
    assert (calm.released, calm.release_propensity) == (False, None)


@pytest.mark.django_db
def test_a_released_decision_replays_and_explains(without_faults, drain, capsys):
    client = client_system("shop")
    lucky = names(client, True)[0]
    decide_payment(drain(transaction_id=lucky), client=client)
    EngineState.objects.update(policy=PolicyVersion.objects.get(engine="payments", number=1), revision=20)
    stored = Assessment.objects.get(external_id=lucky)
    again = replay(stored)
    assert again.equal and again.scored.verdict.released
    call_command("explain_decision", lucky)
    printed = capsys.readouterr().out
    assert "released at random (1.0% of what would be stopped)" in printed
    assert "replayed to the same score" in printed


@pytest.mark.django_db
def test_a_blocked_event_is_never_released(without_faults, drain, admin):
    client = client_system("shop")
    add_list_entry(
        list="block", kind="account", value="acc-1", reason="fraudster", expires_at=None, acting_user=admin
    )
    servings.forget()
    body = decide_payment(drain(transaction_id=names(client, True)[0]), client=client).body
    assert (body["decision"], body["released"]) == ("decline", False)
    assert Assessment.objects.get().release_propensity is None
    assert RuleHit.objects.filter(metadata__isnull=False).exists()


@pytest.mark.django_db
def test_asking_without_storing_tells_nobody_their_luck(without_faults, drain):
    client = client_system("shop")
    body = predict_payment(drain(transaction_id=names(client, True)[0]), client=client)
    assert (body["decision"], body["released"]) == (REVIEW, False)


@pytest.mark.django_db
def test_it_takes_two_to_switch_it_on(payments_engine):
    said = {"author": "ana@example.com", "reason": "learn from what we block"}
    first = draft_policy("payments", release_share=0.005, **said)
    assert EngineState.objects.get(engine="payments").policy.release_share == 0
    with pytest.raises(PolicyRefused, match="somebody else"):
        activate_policy(first, approved_by="ana@example.com")
    assert EngineState.objects.get(engine="payments").policy.release_share == 0
    activate_policy(first, approved_by="boss@example.com")
    servings.forget()
    assert servings.serving("payments").policy.release_share == 0.005
    assert first.release_seed and first.release_seed not in repr(servings.serving("payments").policy)
    trail = AuditEvent.objects.filter(subject=str(first)).order_by("id")
    assert [(event.action, event.actor) for event in trail] == [
        ("policy.drafted", "ana@example.com"),
        ("policy.activated", "boss@example.com"),
    ]
    assert trail[0].after["release_share"] == 0.005
    second = draft_policy("payments", review_from=50.0, **said)  # other thresholds leave it on, another seed
    assert second.release_share == 0.005 and second.release_seed != first.release_seed
    off = draft_policy("payments", release_share=0, **said)
    assert (off.release_share, off.release_seed) == (0, "")


@pytest.mark.django_db
@pytest.mark.parametrize("share", [0.0001, 0.02, 1, -0.005, float("nan")])
def test_other_shares_are_refused(payments_engine, share):
    with pytest.raises(PolicyRefused, match="release_share is"):
        draft_policy("payments", author="a@example.com", reason="", release_share=share)
    assert PolicyVersion.objects.filter(engine="payments").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.create(engine="payments", number=9, release_share=share, release_seed="x")


@pytest.mark.django_db
def test_engines_that_decide_their_own_way_release_nothing(payments_engine):
    own = [name for name, engine in ENGINES.items() if engine.judge is not None]
    for name in own:
        with pytest.raises(PolicyRefused, match="decides by rules of its own"):
            draft_policy(name, author="a@example.com", reason="", release_share=0.01)


@pytest.mark.django_db
def test_the_admin_site_drafts_and_another_admin_approves(payments_engine, client, person):
    drafting, approving = person("admin"), person("admin")
    backend = "django.contrib.auth.backends.ModelBackend"
    client.force_login(drafting, backend=backend)
    form = {
        "engine": "payments",
        "review_from": "55",
        "decline_from": "80",
        "fail_decision": "review",
        "release_share": "0.05",
        "reason": "trial",
    }
    adding = "/admin/fraud_detection/policyversion/add/"
    assert b"from 0.001 to 0.01" in client.post(adding, form).content
    assert PolicyVersion.objects.filter(engine="payments").count() == 1
    assert client.post(adding, form | {"release_share": "0.01"}).status_code == 302
    drafted = PolicyVersion.objects.get(engine="payments", number=2)
    assert (drafted.review_from, drafted.release_share, drafted.author) == (55, 0.01, drafting.email)
    action = {"action": "put_in_force", "_selected_action": [drafted.pk]}
    assert drafted.release_seed.encode() not in client.get(f"{adding[:-4]}{drafted.pk}/change/").content
    client.post(adding.removesuffix("add/"), action)
    assert EngineState.objects.get(engine="payments").policy.number == 1
    client.force_login(approving, backend=backend)
    client.post(adding.removesuffix("add/"), action)
    assert EngineState.objects.get(engine="payments").policy == drafted


@pytest.mark.django_db
def test_in_training_a_released_event_stands_for_those_that_were_stopped(without_faults, drain, payment):
    client = client_system("shop")
    lucky, unlucky = names(client, True)[0], names(client, False)[0]
    records = [payment(), drain(transaction_id=lucky), drain(transaction_id=unlucky, sender_id="acc-9")]
    for record in records:
        decide_payment(record, client=client)
    assert stored_decisions("payments").history.weight is None
    events = list(Transaction.objects.order_by("id").values_list("pk", flat=True))
    record_labels(events, verdict="fraud", source="chargeback", known_at=timezone.now())
    stored = stored_decisions("payments")
    weights = dict(zip(stored.history.ids.tolist(), stored.history.weight.tolist(), strict=True))
    decided = dict(Assessment.objects.values_list("external_id", "pk"))
    assert weights.pop(str(decided[lucky])) == pytest.approx(100.0)
    assert list(weights.values()) == [1.0, 1.0]


@pytest.mark.django_db
def test_the_commands_switch_it_on(payments_engine, person, capsys):
    for email in ("ana@example.com", "boss@example.com"):
        person("admin", email=email)
    call_command("draft_policy", "payments", "--release-share", "0.002", "--author", "ana@example.com")
    assert "payments-policy-2 drafted" in capsys.readouterr().out
    with pytest.raises(CommandError, match="somebody else"):
        call_command("activate_policy", "payments-policy-2", "--approver", "ana@example.com")
    call_command("activate_policy", "payments-policy-2", "--approver", "boss@example.com")
    assert EngineState.objects.get(engine="payments").policy.release_share == 0.002
