"""Tokens for people: obtain with e-mail and password, refresh with rotation, revoke."""

from django.conf import settings
from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.tokens import RefreshToken

from api.permissions import PUBLIC
from api.problems import Fault, Refused
from api.shapes import Text
from api.views import ApiView, validated
from users.models import User

WRONG_TOKEN = "The refresh token is wrong, expired or was used before."


class TokenRequest(serializers.Serializer):
    email = Text(max_length=254, required=False, help_text="Or `username`, which means the same.")
    username = Text(max_length=254, required=False)
    password = Text(max_length=1024, trim_whitespace=False)


class RefreshRequest(serializers.Serializer):
    refresh = Text(max_length=4096)


class TokenPair(serializers.Serializer):
    access = serializers.CharField(help_text="Send it as `Authorization: Bearer ...`.")
    refresh = serializers.CharField(help_text="For one use at /token/refresh/.")


class TokenView(ApiView):
    """A bad header must not keep anybody from signing in, so none is looked at."""

    abilities = {"POST": PUBLIC}
    authentication_classes = ()
    largest_body = 64 * 1024  # strangers may send these: reading a large one costs time and memory


class ObtainToken(TokenView):
    @extend_schema(
        operation_id="obtain_token",
        summary="Sign in",
        request=TokenRequest,
        responses={200: TokenPair},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        given = validated(TokenRequest, request)
        name = given.get("email") or given.get("username")
        if not name:
            raise Refused([Fault("/email", "required", "is required")])
        refresh = RefreshToken.for_user(_signed_in(request, name, given["password"]))
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})


def _signed_in(request: Request, name: str, password: str) -> User:
    user = authenticate(request._request, username=name.lower(), password=password)
    if getattr(request._request, "axes_locked_out", False):
        request._request.axes_locked_out = (
            False  # else the lockout middleware replaces the problem by its page
        )
        raise Throttled(wait=settings.AXES_COOLOFF_TIME * 3600)
    if user is None:
        raise AuthenticationFailed("E-mail and password do not belong to an active account.")
    return user


class RefreshTokenView(TokenView):
    @extend_schema(
        operation_id="refresh_token",
        summary="Exchange a refresh token for a new pair",
        request=RefreshRequest,
        responses={200: TokenPair},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        given = validated(RefreshRequest, request)
        try:
            pair = TokenRefreshSerializer().validate(given)
        except (TokenError, User.DoesNotExist, TypeError, ValueError):
            raise AuthenticationFailed(WRONG_TOKEN) from None
        return Response({"access": pair["access"], "refresh": pair["refresh"]})


class RevokeToken(TokenView):
    @extend_schema(
        operation_id="revoke_token",
        summary="End a refresh token",
        request=RefreshRequest,
        responses={204: None},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        given = validated(RefreshRequest, request)
        try:
            RefreshToken(given["refresh"]).blacklist()
        except TokenError:
            raise AuthenticationFailed(WRONG_TOKEN) from None
        return Response(status=204)
