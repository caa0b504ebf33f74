"""Engines, versions, registry and the demonstration: made once, never changed in place."""

import json
import os
import stat
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from fraud_detection.engines.payments import RULES
from fraud_detection.engines.registry import MODELLED
from fraud_detection.models import (
    Assessment,
    EngineState,
    ModelVersion,
    PolicyVersion,
    Rule,
    RuleSet,
    RuleVersion,
)
from fraud_detection.services.demo import demo_access, seed_events
from fraud_detection.services.engine_setup import definition_digest, install
from logs.models import AuditEvent
from transactions.models import Label, Transaction
from users.models import ApiKey, User
from users.selectors import api_key_for

pytestmark = pytest.mark.django_db


def counts():
    return [
        model.objects.count()
        for model in (EngineState, Rule, RuleVersion, RuleSet, PolicyVersion, AuditEvent)
    ]


def test_engines_are_installed_once(capsys):
    assert install() == list(MODELLED)
    state = EngineState.objects.get(engine="payments")
    assert (str(state.rule_set), str(state.policy), state.model, state.revision) == (
        "payments-rules-1",
        "payments-policy-1",
        None,
        1,
    )
    assert (state.policy.review_from, state.policy.decline_from, state.policy.fail_decision) == (
        60,
        85,
        "review",
    )
    assert {v.rule.code for v in state.rule_set.rule_versions.all()} == {rule.code for rule in RULES}
    before = counts()
    assert install() == []
    call_command("install_engines")
    assert capsys.readouterr().out == "every engine is installed already\n"
    rules = sum(len(engine.pack) for engine in MODELLED.values())
    engines = len(MODELLED)
    assert counts() == before == [engines, rules, rules, engines, engines, engines]


def test_what_people_put_in_force_stays(payments_engine):
    policy = PolicyVersion.objects.create(engine="payments", number=2, review_from=50)
    EngineState.objects.filter(engine="payments").update(policy=policy, revision=2)
    install()
    assert EngineState.objects.get(engine="payments").policy == policy


@pytest.mark.parametrize("model", [RuleVersion, RuleSet, PolicyVersion])
def test_a_version_is_never_changed(payments_engine, model):
    version = model.objects.first()
    before = model.objects.values().get(pk=version.pk)
    version.number = 77
    with pytest.raises(ValidationError, match="is immutable: make a new version"):
        version.save()
    assert model.objects.values().get(pk=version.pk) == before


def test_versions_are_numbered_once_and_digests_follow_the_wording(payments_engine):
    version = RuleVersion.objects.get(rule__code="ACCOUNT_DRAIN")
    assert version.digest == definition_digest(dict(reversed(version.definition.items())))
    assert version.digest != definition_digest(version.definition | {"severity": "low"})
    with pytest.raises(IntegrityError, match="fraud_rule_version_number"), transaction.atomic():
        RuleVersion.objects.create(rule=version.rule, number=1, definition={}, digest="")


@pytest.mark.parametrize(
    "bad", [{"review_from": 90, "decline_from": 80}, {"review_from": -1}, {"decline_from": 101}]
)
def test_a_policy_without_sense_is_refused(payments_engine, bad):
    with pytest.raises(IntegrityError, match="fraud_policy_thresholds"), transaction.atomic():
        PolicyVersion.objects.create(engine="payments", number=2, **bad)
    assert PolicyVersion.objects.filter(engine="payments").count() == 1


def test_an_engine_has_one_champion(champion):
    values = ModelVersion.objects.values("engine", "path", "sha256", "card").get()
    with pytest.raises(IntegrityError, match="fraud_model_one_champion"), transaction.atomic():
        ModelVersion.objects.create(number=2, stage="champion", **values)
    assert ModelVersion.objects.get() == champion


class TestDemo:
    def test_the_same_access_is_given_again(self, tmp_path):
        path = tmp_path / "var" / "demo.json"
        access = demo_access(path)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert {login["role"] for login in access["logins"]} == {"admin", "analyst", "auditor"}
        for login in access["logins"]:
            user = User.objects.get(email=login["email"])
            assert user.check_password(login["password"]) and user.role == login["role"]
        assert api_key_for(access["api_key"]).scopes == ["ingest", "labels", "read"]
        assert demo_access(path) == access and (User.objects.count(), ApiKey.objects.count()) == (3, 1)

    @pytest.mark.parametrize("lost", ["", "{", "[]", "{}"])
    def test_a_lost_file_is_made_anew_for_the_same_people(self, tmp_path, lost):
        path = tmp_path / "demo.json"
        old = demo_access(path)
        path.write_text(lost)
        new = demo_access(path)
        assert json.loads(path.read_text()) == new != old
        assert User.objects.count() == 3
        login = new["logins"][0]
        assert User.objects.get(email=login["email"]).check_password(login["password"])

    def test_another_database_gets_its_own_access(self, tmp_path):
        old = demo_access(tmp_path / "demo.json")
        User.objects.all().delete()
        assert demo_access(tmp_path / "demo.json") != old and User.objects.count() == 3

    def test_it_is_refused_in_production(self, tmp_path, settings):
        settings.PRODUCTION = True
        with pytest.raises(RuntimeError, match="not made in production"):
            demo_access(tmp_path / "demo.json")
        assert (
            not (tmp_path / "demo.json").exists()
            and not User.objects.exists()
            and not ApiKey.objects.exists()
        )

    def test_bootstrap_in_production_makes_nobody(self, champion, settings, tmp_path, capsys):
        settings.PRODUCTION, settings.VAR_DIR = True, tmp_path
        call_command("bootstrap")
        assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"logins": [], "api_key": ""}
        assert not User.objects.exists() and not Transaction.objects.exists()

    def test_payments_are_made_once_and_labelled_as_far_as_known(self, champion):
        now = datetime.now(UTC)
        count = seed_events(customers=20, days=14, seed=3)
        assert count > 0
        assert count == Transaction.objects.count() == Assessment.objects.count()
        labels = Label.objects.select_related("transaction")
        known = {label.transaction_id for label in labels}
        old_enough = {t.pk for t in Transaction.objects.all() if (now - t.occurred_at).days >= 8}
        assert old_enough <= known and all(label.known_at <= datetime.now(UTC) for label in labels)
        assert seed_events() == 0 and Transaction.objects.count() == count

    def test_bootstrap_twice_is_the_same_access_and_events(self, champion, settings, tmp_path, capsys):
        settings.VAR_DIR = settings.DATA_DIR = tmp_path
        seed_events(customers=20, days=7, seed=3)
        events, access, models = Transaction.objects.count(), [], []
        for _ in range(2):
            call_command("bootstrap")
            access.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
            models.append(sorted(map(str, ModelVersion.objects.filter(stage="champion"))))
        assert access[0] == access[1] and Transaction.objects.count() == events
        assert models == [sorted(f"{name}-1" for name in MODELLED)] * 2
        assert ModelVersion.objects.count() == len(MODELLED)
