"""Features and fields that people define: their life, their values, and what becomes of models and rules."""

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import (
    Assessment,
    CustomList,
    DeclaredField,
    EngineState,
    FeatureDefinition,
    FeatureSetVersion,
    RuleSet,
    RuleVersion,
)
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.selectors import feature_values
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.engine_setup import first_versions
from fraud_detection.services.feature_definitions import (
    DefinitionConflict,
    DefinitionFourEyesRefused,
    DefinitionInUse,
    DefinitionStageRefused,
    approve,
    change_definition,
    change_field,
    declare_field,
    new_definition,
    reject,
    retire,
    submit,
)
from fraud_detection.services.feature_definitions.backfilling import backfilled
from fraud_detection.services.feature_definitions.listing import features_of
from fraud_detection.services.feature_definitions.previewing import preview
from fraud_detection.services.listing.life import delete_custom_list, make_custom_list
from fraud_detection.services.replaying import replay
from fraud_detection.services.serving import forget, serving
from fraud_detection.services.stored_decisions import stored_decisions
from logs.models import AuditEvent
from ml.definitions import DefinitionRefused
from ml.domains.fields import RecordRefused
from ml.domains.payments.features import PAYMENTS
from transactions.models import Transaction
from transactions.services import record_labels

pytestmark = pytest.mark.django_db
SPENT = {"entity": "sender", "aggregate": "sum", "column": "amount", "window": "7d", "include_current": False}


@pytest.fixture
def draft(payments_engine, analyst):
    def make(name="spent_before", spec=SPENT, **changes):
        given = {"engine": "payments", "name": name, "spec": spec, "acting_user": analyst} | changes
        return new_definition(**given)

    return make


@pytest.fixture
def activate(draft, analyst, admin):
    """activate("name", spec) defines a feature and puts it in force in this process."""

    def make(*args, **changes):
        row = draft(*args, **changes)
        row = submit(row, seen=row.revision, acting_user=analyst)
        row = approve(row, seen=row.revision, acting_user=admin)
        forget()
        return row

    return make


@pytest.fixture
def declare(payments_engine, analyst):
    def make(name, kind, **changes):
        given = {"unit": "", "meaning": f"The {name}.", "acting_user": analyst} | changes
        row = declare_field(name=name, kind=kind, **given)
        forget()
        return row

    return make


@pytest.fixture
def decide(client_system):
    def make(record, **options):
        return Assessment.objects.get(
            pk=decide_payment(record, client=client_system, **options).assessment_id
        )

    return make


def rule_reading(name: str) -> RuleVersion:
    """A rule in force whose condition reads the name."""
    spec = RuleSpec(
        code="READS_IT", family="tests", subject="sender", condition=f"{name} > 40.0", severity="low",
        reason="Reads it.", description="For tests.",
    )  # fmt: skip
    (version,) = first_versions("payments", [spec])
    RuleSet.objects.filter(engine="payments").latest("number").rule_versions.add(version)
    forget()
    return version


class TestLife:
    def test_somebody_else_approves_and_decisions_compute_it(self, draft, analyst, admin, decide, payment):
        row = draft()
        assert (row.number, row.stage, row.unit) == (1, "draft", "money")
        assert row.meaning.startswith("Sum of the amounts")
        row = submit(row, seen=1, acting_user=analyst)
        with pytest.raises(DefinitionFourEyesRefused, match="somebody else"):
            approve(row, seen=2, acting_user=analyst)
        row.refresh_from_db()
        assert row.stage == "pending" and "spent_before" not in serving("payments").engine.feature_set.names
        approve(row, seen=2, acting_user=admin)
        forget()
        decide(payment(amount="40.00"))
        assert feature_values(decide(payment()))["spent_before"] == 40.0
        actions = AuditEvent.objects.filter(subject="payments spent_before v1").order_by("id")
        assert [each.action for each in actions] == [
            "feature.drafted",
            "feature.submitted",
            "feature.approved",
        ]

    def test_a_running_process_takes_it_up_by_the_revision(self, draft, analyst, admin):
        before = serving("payments").revision
        row = submit(draft(), seen=1, acting_user=analyst)
        approve(row, seen=row.revision, acting_user=admin)
        from fraud_detection.services import serving as module

        module._checked_at.clear()
        assert serving("payments").revision == before + 1
        assert serving("payments").engine.feature_set.numbers[-1] == "spent_before"

    def test_only_a_draft_changes_and_only_as_it_was_seen(self, draft, analyst, admin):
        row = draft()
        weekly = {**SPENT, "window": "14d"}
        row = change_definition(row, spec=weekly, meaning="Two weeks.", seen=1, acting_user=analyst)
        assert (row.spec, row.meaning, row.revision) == (weekly, "Two weeks.", 2)
        with pytest.raises(DefinitionConflict, match=f"{analyst.email} changed spent_before v1"):
            change_definition(row, spec=SPENT, seen=1, acting_user=admin)
        row = submit(row, seen=2, acting_user=analyst)
        with pytest.raises(DefinitionStageRefused, match="only a draft can change"):
            change_definition(row, spec=SPENT, seen=3, acting_user=analyst)
        row = reject(row, seen=3, reason="Too long a window.", acting_user=admin)
        assert (row.stage, row.note, row.spec) == ("draft", "Too long a window.", weekly)

    def test_nobody_who_wrote_a_part_of_it_approves_it(self, draft, analyst, admin, person):
        row = draft(acting_user=admin)
        row = change_definition(row, spec=row.spec, meaning="Said better.", seen=1, acting_user=analyst)
        row = submit(row, seen=row.revision, acting_user=person("analyst"))
        with pytest.raises(DefinitionFourEyesRefused):
            approve(row, seen=row.revision, acting_user=admin)
        row.refresh_from_db()
        assert row.stage == "pending"
        assert approve(row, seen=row.revision, acting_user=person("admin")).stage == "active"

    def test_a_custom_list_and_a_feature_never_share_a_name(self, draft, analyst, admin, declare):
        make_custom_list(name="spent_before", description="d", acting_user=admin)
        with pytest.raises(DefinitionRefused, match="is a custom list"):
            draft()
        delete_custom_list(name="spent_before", seen=1, acting_user=admin)
        row = submit(draft(), seen=1, acting_user=analyst)
        with pytest.raises(ValidationError, match="means something else"):
            make_custom_list(name="spent_before", description="d", acting_user=admin)
        CustomList.objects.filter(name="spent_before").update(removed_at=None)  # came by another road
        with pytest.raises(DefinitionRefused, match="is a custom list"):
            approve(row, seen=2, acting_user=admin)
        row.refresh_from_db()
        assert row.stage == "pending"

    def test_a_custom_list_and_a_declared_field_never_share_a_name(self, declare, admin):
        make_custom_list(name="field_shop", description="d", acting_user=admin)
        delete_custom_list(name="field_shop", seen=1, acting_user=admin)
        with pytest.raises(DefinitionRefused, match="is or was a custom list"):
            declare("shop", "text")
        row = declare("basket", "number")
        change_field(row, seen=1, active=False, acting_user=admin)
        with pytest.raises(ValidationError, match="means something else"):
            make_custom_list(name="field_basket", description="d", acting_user=admin)

    def test_a_new_version_replaces_the_old_one(self, activate):
        first, second = activate(), activate(spec={**SPENT, "window": "1d"})
        first.refresh_from_db()
        assert (second.number, second.stage) == (2, "active")
        assert (first.stage, first.note) == ("retired", "Replaced by version 2.")
        assert first.spec == SPENT
        assert engine_in_use("payments").feature_set.window_of("spent_before") == "earlier 24h"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("amount", "shipped feature"),
            ("missing", "means something"),
            ("sender_key", "means something"),
            ("field_x", "must not begin"),
            ("on_block_list", "shipped feature"),
            ("Big", "lower-case"),
            ("a\x00b", "lower-case"),
            ("x" * 49, "3 to 48"),
        ],
    )
    def test_a_name_that_means_something_is_refused(self, draft, name, said):
        with pytest.raises(DefinitionRefused, match=said) as refused:
            draft(name)
        assert refused.value.problems[0].field == "name" and not FeatureDefinition.objects.exists()

    def test_one_open_version_of_a_name_and_no_more_than_the_limit(self, draft, activate, monkeypatch):
        draft()
        with pytest.raises(DefinitionStageRefused, match="v1 is draft already"):
            draft()
        monkeypatch.setattr("fraud_detection.services.feature_definitions.stages.MOST", 1)
        activate("first_one")
        with pytest.raises(DefinitionStageRefused, match="retire one first"):
            activate("second_one")
        assert FeatureDefinition.objects.get(name="second_one").stage == "pending"

    def test_what_a_rule_reads_cannot_be_retired(self, activate, admin):
        row = activate()
        rule_reading("spent_before")
        with pytest.raises(DefinitionInUse, match="rule READS_IT"):
            retire(row, seen=row.revision, acting_user=admin)
        row.refresh_from_db()
        assert row.stage == "active"
        assert [one.readers for one in features_of("payments", "spent_before")] == [("rule READS_IT",)]

    def test_what_nobody_reads_goes_and_comes_no_more(self, activate, admin, decide, payment):
        row = activate()
        retire(row, seen=row.revision, reason="Not useful.", acting_user=admin)
        forget()
        assert serving("payments").engine is ENGINES["payments"]
        assert "spent_before" not in feature_values(decide(payment()))


class TestModels:
    def test_a_champion_of_the_shipped_set_serves_on(self, champion, activate, admin, decide, payment):
        alone = decide(payment(transaction_id="A", sender_id="s-1", device_id="d-1"))
        row = activate()
        beside = decide(payment(transaction_id="B", sender_id="s-2", device_id="d-2", receiver_id="r-2"))
        retire(row, seen=row.revision, acting_user=admin)
        forget()
        after = decide(payment(transaction_id="C", sender_id="s-3", device_id="d-3", receiver_id="r-3"))
        for one in (alone, beside, after):
            assert one.model_version == str(champion) and one.degraded is False
            assert replay(one).equal
        assert beside.feature_set_version != alone.feature_set_version == after.feature_set_version
        remembered = FeatureSetVersion.objects.get(pk=beside.feature_set_version)
        assert remembered.base == PAYMENTS.version and list(remembered.added) == ["spent_before"]

    def test_a_definition_lets_no_model_past_the_second_person(
        self, champion, activate, decide, payment, another
    ):
        from fraud_detection.services.model_registry import needs_first_model, promote_first

        activate()
        decide(payment())
        present = engine_in_use("payments").feature_set.version
        assert present != champion.card["feature_set"]
        version = another(feature_set=present)
        assert not promote_first(version, created_by="tests")
        state = EngineState.objects.get(engine="payments")
        version.refresh_from_db()
        assert state.model == champion and version.stage == "candidate"
        assert needs_first_model(state, "of-another-release")

    def test_a_model_holds_the_meaning_it_learned(
        self, champion, activate, small_model, admin, analyst, draft
    ):
        from fraud_detection.services.model_registry import register
        from fraud_detection.services.model_stages import PromotionRefused, promote
        from ml.artifacts import Model

        row = activate()
        feature_set = engine_in_use("payments").feature_set
        features = (*small_model.card.features[:-1], "spent_before")
        card = {
            "features": features,
            "feature_set": feature_set.version,
            "base_feature_set": feature_set.base,
            "added_features": feature_set.meanings(features),
        }
        reads_it = Model(small_model.scorer, small_model.calibration, small_model.card).with_card(**card)
        version = register(reads_it, created_by="ana@example.com")
        promote(version, approved_by=admin.email)
        forget()
        assert serving("payments").predictor.version == str(version)
        with pytest.raises(DefinitionInUse, match=f"model {version}"):
            retire(row, seen=row.revision, acting_user=admin)
        with pytest.raises(DefinitionInUse, match="under another name"):
            activate(spec={**SPENT, "window": "1d"})
        activate("another_one")
        assert serving("payments").predictor.fault is None
        # Were it gone all the same, the model would say so instead of reading something else.
        FeatureDefinition.objects.filter(name="spent_before").update(stage="retired")
        with pytest.raises(PromotionRefused, match="do not carry: spent_before"):
            promote(version, approved_by=admin.email)


class TestPast:
    SPECS = {
        "spent_before": SPENT,
        "merchants_day": {"entity": "sender", "aggregate": "distinct", "column": "receiver", "window": "24h"},
        "device_gap": {"entity": "device", "aggregate": "since_last"},
        "got_back": {"entity": "sender_as_receiver", "aggregate": "count", "window": "30d"},
        "basket_mean": {"entity": "sender", "aggregate": "mean", "column": "field_basket", "window": "7d"},
        "spring_share": {
            "entity": "receiver", "aggregate": "share", "window": "7d",
            "filter": [{"column": "field_promo", "is": "==", "value": "SPRING"}],
        },
    }  # fmt: skip

    @pytest.fixture
    def history(self, payment):
        """Payments among few accounts, out of order and with gaps."""
        drawn = np.random.default_rng(5)
        sent = [None, {"basket": 2.5, "promo": "SPRING"}, {"promo": 4}, {"basket": 3}]
        return [
            payment(
                amount=f"{drawn.integers(1, 90)}.50",
                sender_id=f"s-{drawn.integers(3)}",
                receiver_id=f"s-{drawn.integers(4)}",
                device_id=[None, "d-1", "d-2"][drawn.integers(3)],
                occurred_at=f"2026-03-{drawn.integers(1, 9):02d}T{drawn.integers(24):02d}:00:00Z",
                metadata=sent[drawn.integers(4)],
            )
            for _ in range(40)
        ]

    def test_filled_in_it_is_what_a_decision_would_have_stored(
        self, activate, declare, history, client_system, decide, payment
    ):
        from fraud_detection.services.corrections import correct_payment

        before = [decide(record) for record in history[:30]]
        wrong = history[7]
        correct_payment(
            {**wrong, "amount": "999.00"}, transaction_id=wrong["transaction_id"], client=client_system
        )
        declare("basket", "number")
        declare("promo", "text")
        for name, spec in self.SPECS.items():
            activate(name, spec)
        fitting = [{**record, "metadata": None} for record in history[30:]]
        after = [decide({k: v for k, v in record.items() if v is not None}) for record in fitting]
        decide_payments(
            [payment(sender_id="s-1", basket=7, promo="X"), payment(sender_id="s-1", basket="1.5")],
            client=client_system,
        )
        after += Assessment.objects.order_by("id")[len(before) + len(after) + 1 :]
        names = [*self.SPECS, "field_basket", "field_promo"]
        filled = backfilled("payments", names, [one.pk for one in after])
        for place, one in enumerate(after):
            known = feature_values(one)
            told = {name: filled[name][place] for name in names}
            assert {n: None if v != v else v for n, v in told.items()} == {n: known[n] for n in names}
        # What was decided before, decided anew: the same history by id, whatever came later.
        old = backfilled("payments", names, [one.pk for one in before])
        assert old["spent_before"][0] == 0.0 and old["field_basket"][0] != old["field_basket"][0]
        assert self._by_hand(before) == old["spent_before"].tolist()

    def _by_hand(self, decisions):
        """`spent_before` from the definition: what the sender had sent in the seven days before, by then."""
        events = list(Transaction.objects.order_by("id"))
        found = []
        for one in decisions:
            event = next(each for each in events if each.pk == one.transaction_id)
            earlier = [
                each.amount_minor
                for each in events
                if each.pk < event.pk
                and each.sender_key == event.sender_key
                and 0 <= (event.occurred_at - each.occurred_at).total_seconds() < 7 * 86_400
                and not (each.superseded_by_id and each.superseded_by_id <= event.pk)
            ]
            found.append(sum(earlier) / 100)
        return found

    def test_training_reads_older_decisions_with_it_filled_in(self, activate, decide, payment):
        first, second = decide(payment(amount="40.00")), decide(payment(amount="2.00"))
        activate()
        third = decide(payment(amount="3.00"))
        events = [one.transaction_id for one in (first, second, third)]
        record_labels(events, verdict="legitimate", source="customer", known_at=timezone.now())
        stored = stored_decisions("payments")
        numbers = engine_in_use("payments").feature_set.numbers
        assert stored.X.shape == (3, len(numbers)) and numbers[-1] == "spent_before"
        assert stored.X[:, -1].tolist() == [0.0, 40.0, 42.0]
        assert stored.X[:, 0].tolist() == [40.0, 2.0, 3.0]

    def test_a_preview_stores_nothing_and_tells_median_and_missing(self, decide, payment, payments_engine):
        for amount in ("40.00", "2.00", "3.00"):
            decide(payment(amount=amount))
        told = preview("payments", SPENT)
        assert (told.events, told.missing, told.median, told.largest) == (3, 0, 40.0, 42.0)
        assert [one.value for one in told.values] == [42.0, 40.0, 0.0]
        one = preview("payments", {"entity": "card", "aggregate": "count", "window": "1h"})
        assert (one.missing, one.median) == (3, None)
        assert not FeatureDefinition.objects.exists()
        with pytest.raises(DefinitionRefused, match="no decision 999"):
            preview("payments", SPENT, assessment_id=999)

    @pytest.mark.parametrize("engine", ["aml", "credit", "insurance", "market"])
    def test_every_engine_can_be_asked(self, payments_engine, engine):
        from ml.definitions.vocabulary import ENTITIES

        for entity in ENTITIES[ENGINES[engine].feature_set.table]:
            spec = {"entity": entity, "aggregate": "mean", "column": "amount", "window": "7d"}
            assert preview(engine, spec).events == 0


class TestFields:
    def test_beside_the_request_or_in_its_metadata(self, declare, decide, payment):
        declare("basket", "number", unit="items")
        declare("promo", "text")
        declare("gift", "bool")
        first = decide(payment(basket="3", promo="A", gift=True))
        second = decide(payment(metadata={"basket": 4, "note": "x"}))
        values = feature_values(first)
        assert (values["field_basket"], values["field_promo"], values["field_gift"]) == (3.0, "A", True)
        assert first.transaction.metadata == {"basket": 3.0, "promo": "A", "gift": True}
        assert feature_values(second)["field_basket"] == 4.0
        assert feature_values(second)["field_promo"] is None
        assert replay(first).equal and replay(second).equal

    def test_another_type_or_an_unknown_name_is_refused(self, declare, decide, payment):
        declare("basket", "number")
        for record, name in (
            (payment(basket="many"), "basket"),
            (payment(metadata={"basket": True}), "metadata.basket"),
            (payment(basked=3), "basked"),
        ):
            with pytest.raises(RecordRefused) as refused:
                decide(record)
            assert [problem.field for problem in refused.value.problems] == [name]
        assert not Transaction.objects.exists()

    def test_rules_read_them(self, declare, decide, payment):
        declare("basket", "number")
        declare("promo", "text")
        rule_reading("field_basket")
        first, second, third = (decide(payment(basket=value)) for value in (41, 40, None))
        assert [hit.rule for hit in first.hits.all()] == ["READS_IT"]
        assert not second.hits.filter(rule="READS_IT").exists() and "READS_IT" in third.not_evaluable

    def test_one_that_is_read_cannot_be_withdrawn(self, declare, draft, analyst, decide, payment):
        row = declare("basket", "number")
        defined = draft(
            "baskets", {"entity": "sender", "aggregate": "sum", "column": "field_basket", "window": "1d"}
        )
        with pytest.raises(DefinitionInUse, match="feature baskets v1"):
            change_field(row, active=False, seen=1, acting_user=analyst)
        retire(defined, seen=1, acting_user=analyst)
        sent = decide(payment(basket=3))
        row = change_field(row, active=False, seen=1, acting_user=analyst)
        forget()
        assert (row.active, row.revision) == (False, 2)
        with pytest.raises(RecordRefused, match="not a known field"):
            decide(payment(basket=3))
        assert replay(sent).equal
        with pytest.raises(DefinitionConflict):
            change_field(row, active=True, seen=1, acting_user=analyst)

    @pytest.mark.parametrize("name", ["amount", "is_fraud", "Basket", "x", "a\x00b", "a" * 41, "nameorig"])
    def test_a_name_that_is_taken_is_refused(self, declare, name):
        with pytest.raises(DefinitionRefused):
            declare(name, "number")
        assert not DeclaredField.objects.exists()

    def test_a_batch_and_a_file_give_what_single_events_give(self, declare, payment, client_system, tmp_path):
        from fraud_detection.services.imports import load_payments

        declare("basket", "number")
        file = tmp_path / "payments.csv"
        file.write_text("amount,sender_id,receiver_id,basket\n1,a,b,3\n2,a,b,\n3,a,b,many\n")
        loaded = load_payments(
            file, client_name="shop", errors=tmp_path / "e.csv", acting="tests", progress=lambda *_: None
        )
        assert (loaded.stored, loaded.failed) == (2, 1) and "basket" in (tmp_path / "e.csv").read_text()
        decide_payments([payment(basket=5), payment()], client=client_system)
        held = [feature_values(one)["field_basket"] for one in Assessment.objects.order_by("id")]
        assert held == [3.0, None, 5.0, None]

    def test_another_engine_reads_them_from_the_stored_event(self, declare, payment, decide):
        declare("promo", "text")
        record = payment(promo="A")
        decide(record)
        assert feature_values(decide(record, engine="aml"))["field_promo"] == "A"
