"""Several hosts on one machine: network namespaces joined by a bridge, one database and one store for all."""

from benchmarks.hosts.network import Host, Network, possible
from benchmarks.hosts.shared import shared_services

__all__ = ["Host", "Network", "possible", "shared_services"]
