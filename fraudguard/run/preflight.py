"""What must be there before anything starts, each with the sentence that helps when it is not."""

import ctypes
import ipaddress
import os
import socket
import sys
from pathlib import Path

import psutil

from fraudguard.problem import StartProblem


def libgomp(library: str = "libgomp.so.1") -> None:
    """LightGBM needs the compiler's OpenMP runtime, which slim images leave out."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL(library)
    except OSError:
        raise StartProblem(
            f"{library} is missing, and the model library LightGBM needs it."
            " Install it: apt-get install libgomp1 (Debian, Ubuntu), dnf install libgomp (Fedora),"
            " apk add libgomp (Alpine)."
        ) from None


def writable(directory: Path) -> None:
    existing = next(part for part in (directory, *directory.parents) if part.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise StartProblem(
            f"No permission to write {existing}. Start as the owner of this directory or move the project."
        )


def loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there; of names, only localhost is known to be so."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def port(host: str, number: int, name: str = "PORT") -> None:
    """Free to listen on, or a sentence naming who has it and how to choose another."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except PermissionError:
            raise StartProblem(
                f"Port {number} needs more rights. Choose another: make run PORT=8010"
            ) from None
        except OSError as error:
            why = (
                f"is taken{_by(number)}"
                if error.errno == 98
                else f"cannot be used on {host}: {error.strerror}"
            )
            way = "make run PORT=8010" if name == "PORT" else f"make run {name}=8020"
            raise StartProblem(f"Port {number} ({name}) {why}. Choose another: {way}") from None


def _by(number: int) -> str:
    try:
        for each in psutil.net_connections(kind="tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr.port == number and each.pid:
                return f" by {psutil.Process(each.pid).name()} (process {each.pid})"
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        pass  # only root sees other people's sockets; the number alone must do
    return ""
