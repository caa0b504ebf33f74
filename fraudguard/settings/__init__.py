"""Django settings, one room per concern. Values come from env/ through fraudguard/environment.py, checked."""

from fraudguard import environment
from fraudguard.settings.base import *
from fraudguard.settings.api import *
from fraudguard.settings.security import *
from fraudguard.settings.accounts import *
from fraudguard.settings.storage import *
from fraudguard.settings.jobs import *
from fraudguard.settings.privacy import *
from fraudguard.settings.fraud import *
from fraudguard.settings.alerts import *
from fraudguard.settings.cases import *
from fraudguard.settings.call_logs import *
from fraudguard.settings.monitoring import *
from fraudguard.settings.backtests import *
from fraudguard.settings.batches import *
from fraudguard.settings.rules import *
from fraudguard.settings.notify import *
from fraudguard.settings.deliveries import *
from fraudguard.settings.streams import *
from fraudguard.settings.logging import *

environment.finish()
