"""People who work here: who they are, their roles, and what ends their access."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.views import ApiView, validated
from users.models import User
from users.roles import Ability, Role
from users.selectors.people import STATES, filtered_people, people
from users.services.people import (
    change_role,
    deactivate,
    end_everything,
    reactivate,
    reset_two_factor,
    unlock,
)

BY_PEOPLE = "People are managed"
LAST = "The role is not the one that was seen, or it is the last active admin's."


class PersonFilter(ListFilter):
    email = TextFilter(lookup_expr="iexact")
    role = django_filters.ChoiceFilter(choices=Role.choices)
    state = django_filters.ChoiceFilter(choices=list(STATES.items()), method="in_state")

    def in_state(self, found: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return filtered_people(found, state=value)


class PersonBody(serializers.Serializer):
    id = serializers.IntegerField()
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(Role.choices)
    is_active = serializers.BooleanField()
    two_factor = serializers.BooleanField(help_text="Has a second factor.")
    locked = serializers.BooleanField(help_text="Locked out at the moment after failed sign-ins.")
    sessions = serializers.IntegerField(source="session_count", help_text="Open ones, of the pages.")
    tokens = serializers.IntegerField(source="token_count", help_text="Sign-ins for tokens in force.")
    last_sign_in = serializers.DateTimeField(source="last_login", allow_null=True)
    joined_at = serializers.DateTimeField(source="date_joined")


class PersonPage(Page):
    results = PersonBody(many=True)


class RoleChange(serializers.Serializer):
    role = serializers.ChoiceField(Role.choices)
    seen = serializers.ChoiceField(Role.choices, help_text="The role you saw.")


class People(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="list_people",
        summary="Everybody with an account, newest first",
        parameters=[*documented(PersonFilter), *DOCUMENTED],
        responses=PersonPage,
    )
    def get(self, request: Request) -> Response:
        person_only(request, "People are seen")
        found = filtered(PersonFilter, request, people(timezone.now()))
        return Response(page(request, found, lambda person: PersonBody(person).data))


class OnePerson(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(operation_id="show_person", summary="One account", responses=PersonBody)
    def get(self, request: Request, person_id: int) -> Response:
        person_only(request, "People are seen")
        return Response(shown(person_id))


class ChangeRole(ApiView):
    abilities = {"POST": Ability.MANAGE}
    conflicts = {"POST": LAST}

    @extend_schema(
        operation_id="change_role",
        summary="Give somebody else another role; their tokens end",
        request=RoleChange,
        responses={200: PersonBody},
    )
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        acting, given = person_only(request, BY_PEOPLE), validated(RoleChange, request)
        return done(person_id, change_role, acting, request, role=given["role"], seen=given["seen"])


class DeactivatePerson(ApiView):
    abilities = {"POST": Ability.MANAGE}
    conflicts = {"POST": "It is the last active admin."}

    @extend_schema(
        operation_id="deactivate_person",
        summary="Let somebody else in no more; their sessions and tokens end at once",
        request=None,
        responses={200: PersonBody},
    )
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        return done(person_id, deactivate, person_only(request, BY_PEOPLE), request)


class ReactivatePerson(ApiView):
    abilities = {"POST": Ability.MANAGE}

    @extend_schema(
        operation_id="reactivate_person",
        summary="Let somebody in again; they sign in anew",
        request=None,
        responses={200: PersonBody},
    )
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        return done(person_id, reactivate, person_only(request, BY_PEOPLE), request)


class ResetTwoFactor(ApiView):
    abilities = {"POST": Ability.MANAGE}

    @extend_schema(
        operation_id="reset_two_factor",
        summary="Forget somebody else's second factors and sign them out",
        request=None,
        responses={200: PersonBody},
    )
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        return done(person_id, reset_two_factor, person_only(request, BY_PEOPLE), request)


class UnlockPerson(ApiView):
    abilities = {"POST": Ability.MANAGE}

    @extend_schema(
        operation_id="unlock_person",
        summary="Lift the lock after failed sign-ins",
        request=None,
        responses={200: PersonBody},
    )
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        return done(person_id, unlock, person_only(request, BY_PEOPLE), request)


class SignOutPerson(ApiView):
    abilities = {"POST": Ability.MANAGE}

    @extend_schema(
        operation_id="sign_out_person",
        summary="End all sessions and tokens of somebody",
        request=None,
        responses={200: PersonBody},
    )
    @idempotent
    def post(self, request: Request, person_id: int) -> Response:
        return done(person_id, end_everything, person_only(request, BY_PEOPLE), request)


def done(person_id: int, deed: Callable[..., Any], acting: User, request: Request, **given: str) -> Response:
    """Do it, and answer how the person stands now."""
    shown(person_id)
    deed(person_id, acting_user=acting, request_id=request_id_of(request), **given)
    return Response(shown(person_id))


def shown(person_id: int) -> dict[str, Any]:
    found = people(timezone.now()).filter(pk=person_id).first()
    if found is None:
        raise Http404
    return PersonBody(found).data
