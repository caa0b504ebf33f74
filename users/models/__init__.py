"""People who work here, customers who are watched, and the client systems that send events."""

from users.models.client_systems import ApiKey, ClientSystem
from users.models.customers import Customer
from users.models.invitations import Invitation
from users.models.people import User, UserManager
from users.models.tokens import TokenFamily

__all__ = ["ApiKey", "ClientSystem", "Customer", "Invitation", "TokenFamily", "User", "UserManager"]
