"""A new release brings new wordings of shipped rules; what people here wrote stays."""

from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState, Rule, RuleStanding, RuleVersion
from fraud_detection.services import serving
from fraud_detection.services.engine_setup import definition_digest, upgrade
from fraud_detection.services.rule_sets import new_rule_set, recompose
from fraud_detection.services.rulebook import start_shadow
from fraud_detection.tests.rule_life import active, drafted, redrafted
from fraud_detection.tests.rule_life import in_force as rule_in_force
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


def in_force():
    versions = EngineState.objects.get(engine="payments").rule_set.rule_versions.select_related("rule")
    return {version.rule.code: version for version in versions}


def older_wording(code, author="pack"):
    """What an earlier release, or somebody here, had put in force."""
    version = in_force()[code]
    definition = version.definition | {"description": "As it was worded before."}
    RuleVersion.objects.filter(pk=version.pk).update(
        definition=definition, digest=definition_digest(definition), author=author
    )


def test_nothing_changes_when_all_is_as_shipped(payments_engine):
    assert upgrade() == {}
    assert str(EngineState.objects.get(engine="payments").rule_set) == "payments-rules-1"


def test_a_reworded_rule_becomes_a_new_version_in_a_new_rule_set(payments_engine, capsys):
    older_wording("ACCOUNT_DRAIN")
    call_command("install_engines", "--upgrade")
    assert "payments: ACCOUNT_DRAIN in force as shipped now" in capsys.readouterr().out
    version = in_force()["ACCOUNT_DRAIN"]
    shipped = next(spec for spec in ENGINES["payments"].pack if spec.code == "ACCOUNT_DRAIN")
    assert (version.number, version.definition) == (2, shipped.as_data())
    assert len(in_force()) == len(ENGINES["payments"].pack)
    assert AuditEvent.objects.get(action="engine.upgraded").after["rules"] == ["ACCOUNT_DRAIN"]
    serving.forget()
    assert serving.serving("payments").rule_set_version == "payments-rules-2"
    assert serving.serving("payments").rule_numbers["ACCOUNT_DRAIN"] == 2


def test_what_somebody_here_wrote_stays(payments_engine):
    older_wording("ACCOUNT_DRAIN", author="ana@example.com")
    assert upgrade() == {}
    assert in_force()["ACCOUNT_DRAIN"].definition["description"] == "As it was worded before."


def test_a_rule_that_is_new_to_this_installation_is_added(payments_engine, monkeypatch):
    engine = ENGINES["payments"]
    extra = replace(engine.pack[0], code="NEWLY_SHIPPED")
    monkeypatch.setitem(ENGINES, "payments", replace(engine, pack=(*engine.pack, extra)))
    assert upgrade() == {"payments": ["NEWLY_SHIPPED"]}
    assert in_force()["NEWLY_SHIPPED"].number == 1


def stages(code):
    standings = RuleStanding.objects.filter(version__rule__code=code).order_by("version__number")
    return [standing.stage for standing in standings]


def put_aside(code, stage):
    """What `pause` and `retire` leave behind."""
    RuleStanding.objects.filter(version__rule__code=code).update(stage=stage)
    state = EngineState.objects.select_related("rule_set").get(engine="payments")
    recompose(state, [Rule.objects.get(code=code)])


def test_every_installed_rule_is_active(payments_engine):
    assert set(RuleStanding.objects.values_list("stage", flat=True)) == {"active"}
    assert RuleStanding.objects.count() == RuleVersion.objects.count()


def test_a_paused_rule_is_reworded_and_stays_paused(payments_engine):
    older_wording("ACCOUNT_DRAIN")
    put_aside("ACCOUNT_DRAIN", "paused")
    assert upgrade() == {"payments": ["ACCOUNT_DRAIN"]}
    assert stages("ACCOUNT_DRAIN") == ["retired", "paused"] and "ACCOUNT_DRAIN" not in in_force()
    assert upgrade() == {}


def test_a_retired_rule_stays_out(payments_engine):
    older_wording("ACCOUNT_DRAIN")
    put_aside("ACCOUNT_DRAIN", "retired")
    assert upgrade() == {}
    assert stages("ACCOUNT_DRAIN") == ["retired"] and "ACCOUNT_DRAIN" not in in_force()


def test_an_upgrade_keeps_shares_and_shadows_of_other_rules(payments_engine, person):
    ana, ben = person("admin"), person("admin")
    first = active(drafted(ana), ana, ben)
    active(redrafted(first.rule, ana, severity="low"), ana, ben, rollout=5)
    rule = redrafted(first.rule, ana, severity="medium")
    start_shadow(rule, seen=rule.draft.revision, acting_user=ana)
    before = rule_in_force()
    older_wording("ACCOUNT_DRAIN")
    assert upgrade() == {"payments": ["ACCOUNT_DRAIN"]}
    assert rule_in_force() == before and len(before[0]) == 2 and len(before[1]) == 1


def test_rules_from_before_there_were_stages_get_them(payments_engine):
    older = RuleVersion.objects.get(rule__code="ACCOUNT_DRAIN")
    newer = RuleVersion.objects.create(
        rule=older.rule, number=2, definition=older.definition, digest=older.digest, author="ana@example.com"
    )
    state = EngineState.objects.select_related("rule_set").get(engine="payments")
    versions = [*state.rule_set.rule_versions.exclude(pk=older.pk), newer]
    EngineState.objects.filter(pk=state.pk).update(rule_set=new_rule_set("payments", versions))
    RuleStanding.objects.all().delete()
    import_module("fraud_detection.migrations.0009_standings").give_standings(apps, None)
    assert stages("ACCOUNT_DRAIN") == ["retired", "active"]
    assert RuleStanding.objects.get(version=newer).writers == ["ana@example.com"]
    assert RuleStanding.objects.count() == RuleVersion.objects.count()
