"""Every view says which ability each of its methods needs; what says nothing is refused."""

from django.views import View
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

PUBLIC = None  # stands in a view's `abilities` for "whoever asks"


class RoleAbility(BasePermission):
    """`view.abilities = {"GET": Ability.READ, ...}`; HEAD is GET, OPTIONS tells nothing secret."""

    message = "Your role or key does not allow this."

    def has_permission(self, request: Request, view: View) -> bool:
        if request.method == "OPTIONS":
            return True
        method = "GET" if request.method == "HEAD" else request.method
        abilities = getattr(view, "abilities", {})
        if method not in abilities:
            return False
        needed = abilities[method]
        if needed is PUBLIC:
            return True
        return request.user.is_authenticated and request.user.can(needed)
