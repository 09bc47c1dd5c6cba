"""What a presenter's machine may be like when the gate runs; each is made, and always undone."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from esdh_models import strict_yaml

from .processes import start

_BUSY_SECONDS: Final = 900
_PORT_SECONDS: Final = 60
_SPIN: Final = """
import sys, time
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    pass
"""


class CircumstanceError(RuntimeError):
    """The machine could not be brought into a circumstance, so a run would tell nothing of it."""


class _Api(BaseModel):
    host: str
    port: int


class _Demo(BaseModel):
    """As much of any version's config/demo.yaml as is needed here."""

    api: _Api


@dataclass(frozen=True)
class Circumstance:
    """A name, what is done in words, and how to do it around a run in a version's folder."""

    name: str
    summary: str
    made: Callable[[Path], AbstractContextManager[None]]


def configured_address(folder: Path) -> tuple[str, int]:
    """Host and port of the demo's service in a version's configuration."""
    path = folder / "config" / "demo.yaml"
    api = strict_yaml.load_strict_yaml(path.read_bytes(), path.name).parse(_Demo).api
    return api.host, api.port


def await_port(folder: Path, *, taken: bool, seconds: float = _PORT_SECONDS) -> None:
    """Wait until something listens on the configured port, or nothing does."""
    address = configured_address(folder)
    deadline = time.monotonic() + seconds
    while _is_taken(address) != taken:
        if time.monotonic() > deadline:
            state = "nothing listens on" if taken else "another program uses"
            raise CircumstanceError(f"{state} port {address[1]} after {seconds:g} s; look at it")
        time.sleep(0.02)


def _is_taken(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(address) == 0


@contextmanager
def _quiet(folder: Path) -> Iterator[None]:
    await_port(folder, taken=False)
    yield


@contextmanager
def _port_taken(folder: Path) -> Iterator[None]:
    await_port(folder, taken=False)
    host, port = configured_address(folder)
    with tempfile.TemporaryDirectory() as empty:
        server = (sys.executable, "-m", "http.server", str(port), "--bind", host)
        with start(server, Path(empty)):
            await_port(folder, taken=True)
            yield


@contextmanager
def _busy(folder: Path) -> Iterator[None]:
    await_port(folder, taken=False)
    with ExitStack() as spinning:
        for _ in range(os.cpu_count() or 1):
            spinning.enter_context(start((sys.executable, "-c", _SPIN, str(_BUSY_SECONDS)), folder))
        yield


@contextmanager
def _left_over(folder: Path) -> Iterator[None]:
    """Kill a demo of that version once its service listens, and leave the service."""
    await_port(folder, taken=False)
    python = os.fspath(folder / ".venv" / "bin" / "python")
    demo = (python, "scripts/run_demo_flow.py", "--profile", "baseline", "--skip-smoke")
    with start(demo, folder) as process:
        await_port(folder, taken=True)
        os.kill(process.pid, 9)
        time.sleep(0.5)
        await_port(folder, taken=True, seconds=1)
        yield


QUIET: Final = Circumstance("quiet", "nothing is started beside the gate", _quiet)
ADVERSE: Final = (
    Circumstance("port taken", "another web server has the configured port", _port_taken),
    Circumstance("processors busy", "one busy process for each processor", _busy),
    Circumstance(
        "left-over service",
        "a demo of the same version was killed, and its service still has the port",
        _left_over,
    ),
)
