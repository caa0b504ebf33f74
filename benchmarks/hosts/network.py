"""Hosts as network namespaces: each has an address of its own, and a cable that can be pulled."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

BRIDGE = "fgbridge0"
PREFIX = "10.77.0"
SHARED = f"{PREFIX}.1"  # where the database and the store listen


def possible() -> bool:
    """Whether this machine lets us make network namespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    made = subprocess.run(["ip", "netns", "add", "fgprobe"], capture_output=True, check=False)
    if made.returncode:
        return False
    _ip("netns", "del", "fgprobe")
    return True


class Host:
    """A host of the network; processes started on it see its network only."""

    def __init__(self, name: str, number: int) -> None:
        self.namespace, self.cable, self.address = f"fg{name}", f"fgv{number}", f"{PREFIX}.{number}"

    def start(
        self, command: Sequence[str], *, environment: Mapping[str, str], cwd: Path, output: IO[bytes]
    ) -> subprocess.Popen:
        """A process of this host, in a session of its own."""
        return subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, *command],
            env=dict(environment),
            cwd=cwd,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def cut_off(self) -> None:
        """Pull the cable: packets are lost, no connection is closed."""
        _ip("link", "set", self.cable, "down")

    def connect_again(self) -> None:
        _ip("link", "set", self.cable, "up")

    def _plug_in(self) -> None:
        _ip("netns", "add", self.namespace)
        inner = f"{self.cable}i"
        _ip("link", "add", self.cable, "type", "veth", "peer", "name", inner)
        _ip("link", "set", inner, "netns", self.namespace)
        _ip("link", "set", self.cable, "master", BRIDGE, "up")
        inside = ("netns", "exec", self.namespace, "ip")
        _ip(*inside, "address", "add", f"{self.address}/24", "dev", inner)
        _ip(*inside, "link", "set", inner, "up")
        _ip(*inside, "link", "set", "lo", "up")

    def _remove(self) -> None:
        _ip("netns", "del", self.namespace, quiet=True)
        _ip("link", "del", self.cable, quiet=True)


class Network:
    """
    >>> with Network("web", "worker1") as (web, worker):
    ...     worker.cut_off()
    """

    def __init__(self, *names: str) -> None:
        self.hosts = [Host(name, 11 + number) for number, name in enumerate(names)]

    def __enter__(self) -> list[Host]:
        self._remove()  # what a killed run left behind
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{SHARED}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for host in self.hosts:
            host._plug_in()
        return self.hosts

    def __exit__(self, *error: object) -> None:
        self._remove()

    def _remove(self) -> None:
        for host in self.hosts:
            host._remove()
        _ip("link", "del", BRIDGE, quiet=True)


def _ip(*arguments: str, quiet: bool = False) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode and not quiet:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
