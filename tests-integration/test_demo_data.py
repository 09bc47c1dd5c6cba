"""The colourful look: whole columns at any width, and one line for a service that is none."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from demo_program import SCRIPTS, run

from esdh_api import Settings, create_app
from esdh_generator import Dataset


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_columns_are_shown_whole_or_not_at_all(columns: int) -> None:
    """Every shown heading and value is one of the dataset, and VINs have room in 80 columns."""
    shown = run("demo_data.py", COLUMNS=str(columns)).stdout
    lines = shown.splitlines()
    heads = {lines[number + 1] for number, line in enumerate(lines) if line.endswith("(30)")}
    dataset = Dataset(42, 30)
    names = {name for table in dataset.request.tables for name in dataset.table(table).column_names}

    assert len(heads) == 3
    assert {word for head in heads for word in head.split()} <= names
    assert "…" not in shown
    assert max(map(len, lines[1:])) <= columns
    vin = str(dataset.table("vehicles").column("vin")[0])
    assert (vin in shown) == (columns >= 80)


def test_a_drawn_seed_needs_a_service() -> None:
    """The profile that has no seed cannot be made here."""
    refused = run("demo_data.py", "--profile", "heavy")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--use-api" in refused.stderr


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99999", "https://example.com", "nonsense", "", "http://",
        "http://127.0.0.1:5000/prefix", "http://me@127.0.0.1:5000", "http://127.0.0.1:5000?a=b",
        "http://[::1:5000", "127.0.0.1:5000", "http://127.0.0.1:x",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_service_is_refused(url: str) -> None:
    """Nothing is asked that was not named: exit code 2 and one line that shows the form."""
    refused = run("demo_data.py", "--use-api", url)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"demo data: the address of a service looks like http://127.0.0.1:5000, but got {url!a}\n"
    )


class Foreign(http.server.BaseHTTPRequestHandler):
    """Answers whatever its server was given, as no service of the hub would."""

    def do_POST(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.answer)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def foreign() -> Iterator[http.server.HTTPServer]:
    """A server that is not ours."""
    with http.server.HTTPServer(("127.0.0.1", 0), Foreign) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"<html>", "answered 200 without a JSON object"),
        (b"[1]", "answered 200 without a JSON object"),
        (b"{}", "has no seed"),
    ],
)
def test_a_service_that_is_not_ours_is_one_line(
    foreign: http.server.HTTPServer, answer: bytes, told: str
) -> None:
    """Exit code 1, what it answered and what to do."""
    foreign.answer = answer  # type: ignore[attr-defined]
    done = run("demo_data.py", "--use-api", f"http://127.0.0.1:{foreign.server_port}/")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("demo data: ")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_service_is_one_line() -> None:
    """Port 1 of this machine is nobody's."""
    done = run("demo_data.py", "--use-api", "http://127.0.0.1:1")

    assert done.returncode == 1
    assert done.stderr == (
        "demo data: http://127.0.0.1:1/generate/bundle gave no answer: Connection refused;"
        " see that a service runs there\n"
    )


def test_the_service_of_this_release_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of an answer are those that are made here."""
    monkeypatch.syspath_prepend(SCRIPTS)
    from demo_flow import colourful_look  # noqa: PLC0415
    from demo_flow.configuration import DEFAULT_CONFIG, load_configuration  # noqa: PLC0415

    class Client:
        url = "http://127.0.0.1:5000"

        def ask(self, _: str, path: str, body: object) -> object:
            return create_app(Settings()).test_client().post(path, json=body).get_json()

    profile = load_configuration(DEFAULT_CONFIG).profile("baseline")
    seed, tables = colourful_look._ask(profile, Client())  # type: ignore[arg-type]

    assert seed == 42
    assert [row["vin"] for row in tables["vehicles"]] == [
        str(vin) for vin in Dataset(42, 30).table("vehicles").column("vin")
    ]


@pytest.mark.parametrize("program", ["demo_data.py", "run_demo_flow.py"])
def test_a_full_disk_behind_the_output_is_one_line(program: str) -> None:
    """What cannot be printed is told, without a traceback."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, SCRIPTS / program, *(["--info"] if "flow" in program else [])],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr.endswith(": cannot read or write: No space left on device\n")
    assert done.stderr.count("\n") == 1
