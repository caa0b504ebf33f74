"""Invitations of people: sent by mail or as a link, withdrawn."""

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Text
from api.v1.people import BY_PEOPLE
from api.views import ApiView, validated
from users.models import Invitation
from users.roles import Ability, Role
from users.selectors.people import open_invitations
from users.services.invitations import invite, link_of, mail_invitation, withdraw


class InvitationBody(serializers.Serializer):
    id = serializers.IntegerField()
    email = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)
    invited_by = serializers.CharField(source="invited_by.email", allow_null=True, default=None)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class InvitationSent(InvitationBody):
    mailed = serializers.BooleanField(help_text="Whether the mail server took it.")
    link = serializers.CharField(
        allow_null=True, help_text="Give it to the invited; null when it was mailed. In this answer only."
    )


class InvitationPage(Page):
    results = InvitationBody(many=True)


class InvitationRequest(serializers.Serializer):
    email = Text(max_length=254)
    role = serializers.ChoiceField(Role.choices)
    mail = serializers.BooleanField(required=False, default=False, help_text="Send the link by mail.")


class Invitations(ApiView):
    abilities = {"GET": Ability.READ_AUDIT, "POST": Ability.MANAGE}

    @extend_schema(
        operation_id="list_invitations",
        summary="Invitations that can still be accepted, newest first",
        parameters=DOCUMENTED,
        responses=InvitationPage,
    )
    def get(self, request: Request) -> Response:
        person_only(request, "People are seen")
        found = open_invitations(timezone.now())
        return Response(page(request, found, lambda one: InvitationBody(one).data))

    @extend_schema(
        operation_id="invite",
        summary="Invite somebody to a role; an earlier invitation of this e-mail ends",
        request=InvitationRequest,
        responses={201: InvitationSent},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person, given = person_only(request, BY_PEOPLE), validated(InvitationRequest, request)
        invitation, raw = invite(given["email"], given["role"], person, request_id=request_id_of(request))
        mailed = given["mail"] and mail_invitation(invitation, raw)
        answer = {"mailed": mailed, "link": None if mailed else link_of(raw)}
        return Response({**InvitationBody(invitation).data, **answer}, status=201)


class OneInvitation(ApiView):
    abilities = {"DELETE": Ability.MANAGE}
    conflicts = {"DELETE": "It was accepted already."}

    @extend_schema(operation_id="withdraw_invitation", summary="Withdraw it", responses={204: None})
    def delete(self, request: Request, invitation_id: int) -> Response:
        person = person_only(request, BY_PEOPLE)
        if not Invitation.objects.filter(pk=invitation_id).exists():
            raise Http404
        withdraw(invitation_id, acting_user=person, request_id=request_id_of(request))
        return Response(status=204)
