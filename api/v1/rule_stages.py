"""The stages of a rule: shadow, approval, activation, rollout, pause, retirement and the way back."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import request_id_of
from api.idempotency import idempotent
from api.shapes import Text, Whole
from api.v1.rule_bodies import RuleWordingBody
from api.v1.rules import drafter_of, existing_rule, existing_version
from api.views import ApiView, validated
from fraud_detection.models import RuleStanding, RuleVersion
from fraud_detection.services import rulebook
from users.roles import Ability

STALE = "It was changed since the `version` that was sent, or its stage does not allow this."
MOST = 2**31 - 1


class RuleDraftSeen(serializers.Serializer):
    version = Whole(min_value=1, max_value=MOST, help_text="The draft's `version` you saw.")


class RuleSubmitRequest(serializers.Serializer):
    number = Whole(
        min_value=1, max_value=MOST, required=False, help_text="A version in shadow; left out: the draft."
    )
    version = Whole(min_value=1, max_value=MOST, help_text="The `version` of it that you saw.")
    note = Text(max_length=500, required=False, allow_blank=True, help_text="For whoever approves it.")


class RuleVersionSeen(serializers.Serializer):
    number = Whole(min_value=1, max_value=MOST, help_text="Which version of the rule.")
    version = Whole(min_value=1, max_value=MOST, help_text="Its `version` that you saw.")


class RuleApproveRequest(RuleVersionSeen):
    effective_at = serializers.DateTimeField(required=False, help_text="Later; left out: at once.")
    rollout = Whole(
        min_value=1, max_value=100, required=False, help_text="Percent of the entities it decides about."
    )


class RuleRejectRequest(RuleVersionSeen):
    reason = Text(max_length=480)


class RuleRetireRequest(RuleVersionSeen):
    note = Text(max_length=500, required=False, allow_blank=True)


class RuleRollBackRequest(RuleVersionSeen):
    to = Whole(min_value=1, max_value=MOST, help_text="The version whose wording comes back.")


class RuleRolloutRequest(RuleVersionSeen):
    percent = Whole(min_value=1, max_value=100, help_text="100 retires the older version.")


class ChangeStage(ApiView):
    """Every process follows within 5 seconds."""

    abilities = {"POST": Ability.APPROVE_RULES}
    conflicts = {"POST": STALE}


class DraftsStage(ChangeStage):
    abilities = {"POST": Ability.DRAFT_RULES}


class ShadowRule(DraftsStage):
    @extend_schema(
        operation_id="shadow_rule",
        summary="Freeze the draft as a version that watches every event and changes none",
        request=RuleDraftSeen,
        responses={200: RuleWordingBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        person, rule = drafter_of(request), existing_rule(rule_id)
        seen = validated(RuleDraftSeen, request)["version"]
        return _answer(
            rulebook.start_shadow(rule, seen=seen, acting_user=person, request_id=request_id_of(request))
        )


class SubmitRule(DraftsStage):
    @extend_schema(
        operation_id="submit_rule",
        summary="Ask for the approval of the draft, or of a version in shadow",
        request=RuleSubmitRequest,
        responses={200: RuleWordingBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        person, rule = drafter_of(request), existing_rule(rule_id)
        said = validated(RuleSubmitRequest, request)
        how = {
            "seen": said["version"],
            "note": said.get("note", ""),
            "acting_user": person,
            "request_id": request_id_of(request),
        }
        if "number" in said:
            return _answer(rulebook.submit(existing_version(rule, said["number"]), **how))
        return _answer(rulebook.submit_draft(rule, **how))


class ApproveRule(ChangeStage):
    @extend_schema(
        operation_id="approve_rule",
        summary="Let a version decide, now or later; not by anybody who wrote or submitted it",
        request=RuleApproveRequest,
        responses={200: RuleWordingBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        version, said, how = _asked(RuleApproveRequest, request, rule_id)
        return _answer(rulebook.approve(version, **said, **how))


class RejectRule(ChangeStage):
    @extend_schema(
        operation_id="reject_rule",
        summary="Refuse a version that awaits approval; its wording becomes a draft again",
        request=RuleRejectRequest,
        responses={200: RuleWordingBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        version, said, how = _asked(RuleRejectRequest, request, rule_id)
        return _answer(rulebook.reject(version, **said, **how))


class PauseRule(ChangeStage):
    @extend_schema(
        operation_id="pause_rule",
        summary="Stop a rule for a while",
        request=RuleVersionSeen,
        responses={200: RuleWordingBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        version, _, how = _asked(RuleVersionSeen, request, rule_id)
        return _answer(rulebook.pause(version, **how))


class ResumeRule(ChangeStage):
    @extend_schema(
        operation_id="resume_rule",
        summary="Let a paused rule decide again",
        request=RuleVersionSeen,
        responses={200: RuleWordingBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        version, _, how = _asked(RuleVersionSeen, request, rule_id)
        return _answer(rulebook.resume(version, **how))


class RetireRule(DraftsStage):
    """What decides is retired by those who approve; what is in shadow or pending by those who draft."""

    @extend_schema(
        operation_id="retire_rule",
        summary="Take a version out of use, or withdraw it from shadow or approval",
        request=RuleRetireRequest,
        responses={200: RuleWordingBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        version, said, how = _asked(RuleRetireRequest, request, rule_id)
        return _answer(rulebook.retire(version, **said, **how))


class RollBackRule(ChangeStage):
    @extend_schema(
        operation_id="roll_back_rule",
        summary="Put an older wording in force again, as a new version",
        request=RuleRollBackRequest,
        responses={200: RuleWordingBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        version, said, how = _asked(RuleRollBackRequest, request, rule_id)
        to = existing_version(version.rule, said["to"])
        return _answer(rulebook.roll_back(version, to=to, **how))


class RolloutRule(ChangeStage):
    @extend_schema(
        operation_id="roll_out_rule",
        summary="Change the share of the entities a newer version decides about",
        request=RuleRolloutRequest,
        responses={200: RuleWordingBody},
    )
    @idempotent
    def post(self, request: Request, rule_id: int) -> Response:
        version, said, how = _asked(RuleRolloutRequest, request, rule_id)
        return _answer(rulebook.set_rollout(version, **said, **how))


def _asked(
    kind: type[serializers.Serializer], request: Request, rule_id: int
) -> tuple[RuleVersion, dict[str, Any], dict[str, Any]]:
    """The version, what was said of the change, and who asks with what they saw."""
    person, rule = drafter_of(request), existing_rule(rule_id)
    said = validated(kind, request)
    version = existing_version(rule, said.pop("number"))
    how = {
        "seen": said.pop("version"),
        "acting_user": person,
        "request_id": request_id_of(request),
    }
    return version, said, how


def _answer(standing: RuleStanding) -> Response:
    version = RuleVersion.objects.select_related("standing").get(pk=standing.version_id)
    return Response(RuleWordingBody(version).data)
