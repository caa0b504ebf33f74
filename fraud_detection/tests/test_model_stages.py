"""Stages of a model: who may change them, what follows, and what a refusal leaves as it was."""

import json
import re

import pytest

from alerts.models import OutboxMessage, SystemAlert
from fraud_detection.models import EngineState, ModelVersion
from fraud_detection.predictor import model_path
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.model_registry import (
    promote_first,
    register,
    version_named,
)
from fraud_detection.services.model_stages import (
    ModelConflict,
    PromotionRefused,
    StageRefused,
    former_champions,
    promote,
    retire,
    roll_back,
    start_shadow,
)
from fraud_detection.services.serving_models import verify_models
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db
ANA, BEN = "ana@example.com", "ben@example.com"


def stages() -> list[str]:
    return list(ModelVersion.objects.order_by("number").values_list("stage", flat=True))


def damage(version: ModelVersion) -> None:
    path = model_path(version.path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def in_force() -> str:
    return str(EngineState.objects.select_related("model").get(engine="payments").model)


class TestPromotion:
    def test_it_is_served_recorded_and_told(self, another):
        second = promote(another(), approved_by=BEN, request_id="r-1")
        assert (second.stage, second.promoted_by, second.revision) == ("champion", BEN, 2)
        assert stages() == ["retired", "champion"]
        deed = AuditEvent.objects.get(action="model.promoted", subject="payments-2")
        assert (deed.actor, deed.before, deed.request_id) == (BEN, {"stage": "candidate"}, "r-1")
        assert deed.after == {"stage": "champion", "retired": ["payments-1"]}
        told = OutboxMessage.objects.filter(topic="model.promoted").last().payload
        assert (told["model"], told["retired"], told["rolled_back"]) == ("payments-2", ["payments-1"], False)

    def test_its_maker_cannot_approve_it_in_any_spelling(self, another):
        with pytest.raises(PromotionRefused, match="somebody else must approve it"):
            promote(another(), approved_by="ANA@example.com")
        assert stages() == ["champion", "candidate"]

    def test_a_stale_view_is_refused_and_says_who_changed_it(self, another):
        second = another()
        start_shadow(second, acted_by=BEN, seen=1)
        with pytest.raises(ModelConflict, match=r"ben@example.com made payments-2 shadow at .* version 2"):
            promote(second, approved_by=BEN, seen=1)
        assert stages() == ["champion", "shadow"]
        promote(second, approved_by=BEN, seen=2)
        assert stages() == ["retired", "champion"]

    def test_columns_that_live_events_lack_are_named(self, another, champion):
        features = (*champion.card["features"][:-2], "column:V1", "column:V2")
        second = another(features=features)
        with pytest.raises(PromotionRefused, match=re.escape("do not carry: column:V1, column:V2;")):
            promote(second, approved_by=BEN)
        with pytest.raises(PromotionRefused, match="column:V1"):
            start_shadow(second, acted_by=BEN)
        assert stages() == ["champion", "candidate"]

    def test_such_a_model_is_not_the_first_champion_either(
        self, payments_engine, small_model, settings, tmp_path
    ):
        settings.MODEL_DIR = tmp_path
        features = (*small_model.card.features[:-1], "column:V1")
        version = register(small_model.with_card(features=features), created_by=ANA)
        assert not promote_first(version, created_by=ANA)
        assert EngineState.objects.get(engine="payments").model is None and stages() == ["candidate"]

    def test_a_damaged_candidate_is_refused_and_the_champion_serves_on(self, another, payment, client_system):
        second = another()
        damage(second)
        for _ in range(2):
            with pytest.raises(PromotionRefused, match=r"cannot be loaded: .* has SHA-256"):
                promote(second, approved_by=BEN)
        assert (stages(), in_force()) == (["champion", "candidate"], "payments-1")
        assert AuditEvent.objects.filter(action="model.refused", subject="payments-2").count() == 1
        assert OutboxMessage.objects.filter(topic="system.alert").count() == 1
        body = decide_payment(payment(), client=client_system).body
        assert (body["model_version"], body["degraded"]) == ("payments-1", False)


class TestRollback:
    def test_it_goes_back_champion_by_champion(self, another):
        second = promote(another(), approved_by=BEN)
        third = promote(another(), approved_by=BEN)
        assert roll_back(third, acted_by=BEN) == second
        assert stages() == ["retired", "champion", "retired"]
        assert str(roll_back(second, acted_by=BEN)) == "payments-1"
        assert stages() == ["champion", "retired", "retired"]
        with pytest.raises(StageRefused, match="no other model was champion before it"):
            roll_back(version_named("payments-1"), acted_by=BEN)
        deeds = AuditEvent.objects.filter(action="model.rolled_back").values_list("subject", flat=True)
        assert sorted(deeds) == ["payments-1", "payments-2"]

    def test_only_the_champion_is_rolled_back(self, another):
        second = another()
        with pytest.raises(StageRefused, match="payments-2 is candidate"):
            roll_back(second, acted_by=BEN)
        assert stages() == ["champion", "candidate"]

    def test_a_damaged_former_champion_is_passed_over(self, another):
        second = promote(another(), approved_by=BEN)
        third = promote(another(), approved_by=BEN)
        damage(second)
        assert str(roll_back(third, acted_by=BEN)) == "payments-1"

    def test_nothing_falls_back_on_a_model_that_was_rolled_back(self, another):
        roll_back(promote(another(), approved_by=BEN), acted_by=BEN)
        third = promote(another(), approved_by=BEN)
        assert list(former_champions(third)) == [version_named("payments-1")]
        assert str(roll_back(third, acted_by=BEN)) == "payments-1"
        again = promote(version_named("payments-2"), approved_by=BEN)
        assert (again.stage, again.promoted_by) == ("champion", BEN)

    def test_a_rolled_back_model_needs_a_second_pair_of_eyes_again(self, another):
        second = promote(another(), approved_by=BEN)
        roll_back(second, acted_by=ANA)
        with pytest.raises(PromotionRefused, match="somebody else"):
            promote(second, approved_by=ANA)
        assert in_force() == "payments-1"


class TestOtherStages:
    def test_a_shadow_is_retired_and_shadows_again(self, another):
        second = start_shadow(another(), acted_by=ANA)
        with pytest.raises(StageRefused, match="only a candidate or a retired model"):
            start_shadow(second, acted_by=ANA)
        assert retire(second, acted_by=ANA).stage == "retired"
        with pytest.raises(StageRefused, match="retired already"):
            retire(second, acted_by=ANA)
        assert start_shadow(second, acted_by=ANA).revision == 4
        assert stages() == ["champion", "shadow"]

    def test_the_champion_is_not_retired_by_hand(self, champion):
        with pytest.raises(StageRefused, match="promote another model or roll back"):
            retire(champion, acted_by=BEN)
        assert stages() == ["champion"]

    def test_every_change_raises_the_revision_that_processes_compare(self, another):
        second = another()
        before = EngineState.objects.get(engine="payments").revision
        start_shadow(second, acted_by=ANA)
        retire(second, acted_by=ANA)
        promote(second, approved_by=BEN)
        assert EngineState.objects.get(engine="payments").revision == before + 3


class TestDamagedChampion:
    def test_the_champion_before_it_stands_in_until_the_file_is_back(self, another, payment, client_system):
        second = promote(another(), approved_by=BEN)
        content = model_path(second.path).read_bytes()
        damage(second)
        serving.forget()
        body = decide_payment(payment(), client=client_system).body
        assert (body["model_version"], body["degraded"]) == ("payments-1", False)
        state = serving.serving("payments")
        assert "payments-2 is refused" in state.stands_in and "payments-1 serves" in state.stands_in
        alert = SystemAlert.objects.get(kind="model.champion_refused")
        assert (alert.subject, alert.severity, alert.cleared_at) == ("payments-2", "critical", None)
        assert in_force() == "payments-2"
        model_path(second.path).write_bytes(content)
        serving.forget()
        assert serving.serving("payments").stands_in == ""
        assert decide_payment(payment(), client=client_system).body["model_version"] == "payments-2"
        alert.refresh_from_db()
        assert alert.cleared_at is not None

    def test_a_card_that_was_changed_on_disk_is_refused(self, champion, payment, client_system):
        beside = model_path(champion.path).with_suffix(".json")
        card = json.loads(beside.read_text())
        card["features"][:2] = reversed(card["features"][:2])
        beside.write_text(json.dumps(card))
        serving.forget()
        assert "its card was changed: features" in serving.serving("payments").predictor.fault
        assert decide_payment(payment(), client=client_system).body["degraded_parts"] == ["model"]

    def test_the_same_weights_under_another_card_leave_the_first_as_it_was(self, champion, small_model):
        other = register(small_model.with_card(seed=99), created_by=ANA)
        assert (other.sha256, other.path == champion.path) == (champion.sha256, False)
        assert register(small_model, created_by=ANA).path == champion.path
        serving.forget()
        assert serving.serving("payments").predictor.fault is None

    def test_what_is_in_memory_serves_on_when_the_file_is_swapped(self, another, payment, client_system):
        second = promote(another(), approved_by=BEN)
        assert serving.serving("payments").predictor.version in ("payments-1", "payments-2")
        serving.forget()
        loaded = serving.serving("payments").predictor
        damage(second)
        EngineState.objects.filter(engine="payments").update(revision=99)
        serving._checked_at.clear()
        state = serving.serving("payments")
        assert (state.revision, state.predictor, state.stands_in) == (99, loaded, "")

    def test_the_check_of_files_tells_while_processes_serve_on(self, another, payment, client_system):
        shadow = start_shadow(another(), acted_by=ANA)
        assert verify_models() == []
        serving.serving("payments")
        damage(shadow)
        assert verify_models() == verify_models() == ["payments-2"]
        alert = SystemAlert.objects.get()
        assert (alert.kind, alert.subject, alert.cleared_at) == ("model.shadow_refused", "payments-2", None)
        assert not decide_payment(payment(), client=client_system).body["degraded"]
        retire(shadow, acted_by=ANA)
        alert.refresh_from_db()
        assert alert.cleared_at is not None and verify_models() == []

    def test_without_another_one_rules_decide_and_people_are_told(self, champion, payment, client_system):
        damage(champion)
        serving.forget()
        for _ in range(2):
            assert decide_payment(payment(), client=client_system).body["degraded_parts"] == ["model"]
        alert = SystemAlert.objects.get()
        assert "rules and the fail policy decide" in alert.message
        assert AuditEvent.objects.filter(action="model.refused").count() == 1
