"""The admin site by role: admins change, auditors look."""

from unfold.admin import ModelAdmin

from users.roles import Ability


class RoleAdmin(ModelAdmin):
    """A model that admins may change and auditors may read; nothing is ever deleted here.

    `editable = False` makes it read-only for admins too; `by_actions_only` keeps the fields of what is
    there read-only and leaves admins its actions, which go through services.
    """

    editable = True
    by_actions_only = False
    show_full_result_count = False
    list_per_page = 50

    def _may_change(self, request) -> bool:
        return self.editable and request.user.is_authenticated and request.user.can(Ability.MANAGE)

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.is_staff

    def has_module_permission(self, request) -> bool:
        return request.user.is_staff

    def has_add_permission(self, request) -> bool:
        return self._may_change(request)

    def has_change_permission(self, request, obj=None) -> bool:
        return self._may_change(request) and (obj is None or not self.by_actions_only)

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
