"""How rules, their versions and drafts look in answers."""

from rest_framework import serializers

from fraud_detection.models import RuleStage
from fraud_detection.services.rulebook.reading import STAGES, RuleView


class RuleDraftBody(serializers.Serializer):
    version = serializers.IntegerField(source="revision", help_text="Send it back with the next save.")
    based_on = serializers.IntegerField(source="based_on.number", allow_null=True, default=None)
    definition = serializers.DictField()
    author = serializers.CharField(help_text="Who began it.")
    saved_by = serializers.CharField()
    saved_at = serializers.DateTimeField()


class RuleVersionBody(serializers.Serializer):
    """A wording, which never changes, and where it stands."""

    number = serializers.IntegerField()
    version = serializers.IntegerField(
        source="standing.revision", default=None, help_text="Send it back with a change of stage."
    )
    stage = serializers.ChoiceField(RuleStage.choices, source="standing.stage", default=None)
    author = serializers.CharField(help_text="pack: as it was shipped.")
    created_at = serializers.DateTimeField()
    rollout = serializers.IntegerField(
        source="standing.rollout", default=None, help_text="Percent of the entities it decides about."
    )
    submitted_by = serializers.CharField(source="standing.submitted_by", default="", allow_blank=True)
    submitted_at = serializers.DateTimeField(source="standing.submitted_at", default=None, allow_null=True)
    approved_by = serializers.CharField(source="standing.approved_by", default="", allow_blank=True)
    approved_at = serializers.DateTimeField(source="standing.approved_at", default=None, allow_null=True)
    effective_at = serializers.DateTimeField(source="standing.effective_at", default=None, allow_null=True)
    note = serializers.CharField(source="standing.note", default="", allow_blank=True)
    changed_at = serializers.DateTimeField(source="standing.changed_at", default=None, allow_null=True)
    changed_by = serializers.CharField(source="standing.changed_by", default="", allow_blank=True)


class RuleWordingBody(RuleVersionBody):
    definition = serializers.DictField()
    digest = serializers.CharField(help_text="SHA-256 of the definition in canonical JSON.")


class RuleBody(serializers.Serializer):
    id = serializers.IntegerField(source="rule.pk")
    engine = serializers.CharField(source="rule.engine")
    code = serializers.CharField(source="rule.code")
    stage = serializers.ChoiceField(STAGES, help_text="Of the version that stands for the rule.")
    family = serializers.CharField(source="definition.family", default="", allow_blank=True)
    description = serializers.CharField(source="definition.description", default="", allow_blank=True)
    severity = serializers.CharField(source="definition.severity", default="", allow_blank=True)
    current = serializers.SerializerMethodField(help_text="The version that decides, or comes next to it.")
    candidate = serializers.SerializerMethodField(help_text="The version in shadow or awaiting approval.")
    draft_version = serializers.IntegerField(source="draft.revision", allow_null=True, default=None)
    flags = serializers.DictField(
        child=serializers.CharField(), help_text="What stands out: a sentence each."
    )
    hits_24h = serializers.IntegerField(source="watch.hits_24h", allow_null=True, default=None)
    last_hit_at = serializers.DateTimeField(source="watch.last_hit_at", allow_null=True, default=None)
    cost_us = serializers.FloatField(
        source="watch.cost_us", allow_null=True, default=None, help_text="Microseconds an event, timed alone."
    )

    def get_current(self, view: RuleView) -> RuleVersionBody(allow_null=True):
        return RuleVersionBody(view.current.version).data if view.current else None

    def get_candidate(self, view: RuleView) -> RuleVersionBody(allow_null=True):
        return RuleVersionBody(view.candidate.version).data if view.candidate else None


class RuleDetail(RuleBody):
    versions = RuleWordingBody(many=True, help_text="The newest first.")
    draft = RuleDraftBody(allow_null=True)


class RuleDiffLine(serializers.Serializer):
    mark = serializers.ChoiceField((" ", "-", "+"), help_text="Kept, gone, new.")
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)


class RuleFieldDiff(serializers.Serializer):
    field = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    lines = RuleDiffLine(many=True)
