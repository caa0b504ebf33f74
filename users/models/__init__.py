"""People who work here, customers who are watched, and the client systems that send events."""

from users.models.client_systems import ApiKey, ClientSystem
from users.models.customers import Customer
from users.models.people import User, UserManager

__all__ = ["ApiKey", "ClientSystem", "Customer", "User", "UserManager"]
