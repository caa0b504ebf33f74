"""Tokens for people: obtain with e-mail and password, refresh with rotation, revoke."""

from django.conf import settings
from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import CHALLENGE, request_id_of
from api.permissions import PUBLIC
from api.problems import Fault, ProblemError, Refused
from api.shapes import Text
from api.views import ApiView, validated
from users.models import User
from users.services.second_factor import factors_of, spend_code
from users.services.sign_ins import count_failed_code, record_sign_in
from users.services.tokens import TokenRefused, issue_tokens, refresh_tokens, revoke_token

WRONG_TOKEN = "The refresh token is wrong, expired or was used before."


class TokenRequest(serializers.Serializer):
    email = Text(max_length=254, required=False, help_text="Or `username`, which means the same.")
    username = Text(max_length=254, required=False)
    password = Text(max_length=1024, trim_whitespace=False)
    otp = Text(
        max_length=64,
        required=False,
        help_text="With two-factor on: a code of the app, or a recovery code. Each is good once.",
    )


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
        user = _signed_in(request, name, given["password"])
        by = _second_step(request, user, given.get("otp", ""))
        record_sign_in(user, request._request, by=f"token: {by}")
        return Response(issue_tokens(user)._asdict())


def _signed_in(request: Request, name: str, password: str) -> User:
    user = authenticate(request._request, username=name.lower(), password=password)
    if getattr(request._request, "axes_locked_out", False):
        raise _locked(request)
    if user is None:
        raise AuthenticationFailed("E-mail and password do not belong to an active account.")
    return user


def _second_step(request: Request, user: User, otp: str) -> str:
    """By what they proved themselves; refuses who has a second factor and does not give it, or lacks one."""
    if user.awaits_verification:
        raise AuthenticationFailed("The e-mail is not verified yet: follow the link that was sent to it.")
    if user.lacks_two_factor:
        raise PermissionDenied("This role needs two-factor: sign in to the pages and set it up first.")
    if not factors_of(user):
        return "password"
    if not otp:
        fault = Fault("/otp", "otp_required", "is required")
        raise ProblemError(
            "Two-factor is on for this account: send a code as otp.",
            status=401,
            faults=[fault],
            headers={"WWW-Authenticate": CHALLENGE},
        )
    found = spend_code(user, otp)
    if found is None:
        count_failed_code(user, request._request)
        if getattr(request._request, "axes_locked_out", False):
            raise _locked(request)
        raise AuthenticationFailed("The code is wrong, was used before or has run out.")
    return f"password+{found.type}"


def _locked(request: Request) -> Throttled:
    request._request.axes_locked_out = False  # else the lockout middleware replaces the problem by its page
    return Throttled(wait=settings.AXES_COOLOFF_TIME * 3600)


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
            pair = refresh_tokens(given["refresh"], request_id=request_id_of(request))
        except TokenRefused:
            raise AuthenticationFailed(WRONG_TOKEN) from None
        return Response(pair._asdict())


class RevokeToken(TokenView):
    @extend_schema(
        operation_id="revoke_token",
        summary="End a refresh token and its access tokens",
        request=RefreshRequest,
        responses={204: None},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        given = validated(RefreshRequest, request)
        try:
            revoke_token(given["refresh"])
        except TokenRefused:
            raise AuthenticationFailed(WRONG_TOKEN) from None
        return Response(status=204)
