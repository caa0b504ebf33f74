"""A new release brings new wordings of shipped rules; what people here wrote stays."""

from dataclasses import replace

import pytest
from django.core.management import call_command

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState, RuleVersion
from fraud_detection.services import serving
from fraud_detection.services.engine_setup import definition_digest, upgrade
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
