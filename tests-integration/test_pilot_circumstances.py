"""Whatever the gate or a snapshot is tried in, it is made, undone, and of every kind."""

import re
import socket
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "scripts"))

from pilot.circumstances import (  # noqa: E402
    ADVERSE,
    QUIET,
    Circumstance,
    CircumstanceError,
    await_port,
)
from pilot.reproducibility import circumstance_of, read_hashes  # noqa: E402


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """A version with a free port and a demo that starts a service and waits."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "demo.yaml").write_text(
        f"other: 1\napi:\n  host: 127.0.0.1\n  port: {port}\n  health_endpoint: /healthz\n"
    )
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "run_demo_flow.py").write_text(
        "import subprocess, sys\n"
        f"command = [sys.executable, '-m', 'http.server', '{port}', '--bind', '127.0.0.1']\n"
        "sys.exit(subprocess.run(command).returncode)\n"
    )
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return tmp_path


@pytest.mark.parametrize("circumstance", [QUIET, *ADVERSE], ids=lambda each: each.name)
def test_a_circumstance_is_made_and_undone(version: Path, circumstance: Circumstance) -> None:
    """The port is taken where the name says so, and free before and after."""
    is_taken = circumstance.name in {"port taken", "left-over service"}

    with circumstance.made(version):
        await_port(version, taken=is_taken, seconds=0)

    await_port(version, taken=False, seconds=5)


def test_a_strangers_service_stops_the_measurement(version: Path) -> None:
    """A run beside somebody else's service would be called quiet and would not be."""
    (port,) = re.findall(r"port: (\d+)", (version / "config" / "demo.yaml").read_text())
    refused = pytest.raises(CircumstanceError, match=f"another program uses port {port}")
    with socket.create_server(("127.0.0.1", int(port))), refused:
        await_port(version, taken=False, seconds=0)


def test_fifty_snapshots_have_fifty_circumstances() -> None:
    """Every run of a request has another mixture, and every value is used."""
    mixtures = [circumstance_of(number) for number in range(1, 51)]

    assert len(set(mixtures)) == 50
    assert [len(set(values)) for values in zip(*mixtures, strict=True)] == [3, 4, 5, 7, 2]


@pytest.mark.parametrize(
    ("name", "equal"), [("a.csv", False), ("a.json", False), ("README.md", True)]
)
def test_each_csv_and_json_file_counts(tmp_path: Path, name: str, equal: bool) -> None:
    """One changed byte of one of them is another set."""
    for file in ("a.csv", "a.json", "README.md"):
        (tmp_path / file).write_text("1")
    (tmp_path / "manifest.json").write_text('{"dataset_digest": "blake3:1"}')
    before = read_hashes(tmp_path)
    (tmp_path / name).write_text("2")

    assert (read_hashes(tmp_path) == before) is equal
    assert before[0] == "blake3:1"
