"""What the service costs: the time of small answers, the CPU seconds and memory of streams.

The server is the installed `esdh-api serve` with its defaults, but for a rate limit that the
benchmark stays below; "hello" is a bare Flask application on waitress with as many threads.

    python service.py MEASURE
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from esdh_exporters import use_system_allocator
from esdh_generator import Dataset

_ASKED: Final = 400
_STREAMS: Final = 20
_STREAM_RECORDS: Final = 100_000
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_ARROW: Final = {"Accept": "application/vnd.apache.arrow.stream"}
_NDJSON: Final = {"Accept": "application/x-ndjson"}
_API: Final = (Path(sys.executable).parent / "esdh-api", "serve", "--port", "0")
_HELLO: Final = """
import flask, socket, waitress
app = flask.Flask("hello")
app.add_url_rule("/", view_func=lambda: "hello")
listening = socket.create_server(("127.0.0.1", 0))
print(f"serving http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
waitress.serve(app, sockets=[listening], threads=8, _quiet=True)
"""

Ask = Callable[[int], tuple[str, str, bytes | None]]
"""Method, address and body of the n-th request."""


@contextmanager
def serving(*command: str | Path) -> Iterator[tuple[int, http.client.HTTPConnection]]:
    """Start a server; gives its process id and a connection, and stops it."""
    environment = {**os.environ, "ESDH_RATE_LIMIT": "1000000/minute"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if found is None:
            message = f"the server did not start: {line!r}"
            raise RuntimeError(message)
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=120)
        yield process.pid, connection
        connection.close()
    finally:
        process.terminate()
        process.wait()


def median_seconds(connection: http.client.HTTPConnection, ask: Ask) -> float:
    """Median time of an answer over one connection, after some to warm up."""
    spent = []
    for number in range(_ASKED + 50):
        method, address, body = ask(number)
        headers = {"Content-Type": "application/json"} if body else {}
        start = time.perf_counter()
        connection.request(method, address, body, headers)
        response = connection.getresponse()
        response.read()
        spent.append(time.perf_counter() - start)
        if response.status != 200:
            message = f"{address} answered {response.status}"
            raise RuntimeError(message)
    return statistics.median(spent[50:])


def read_all(connection: http.client.HTTPConnection, address: str, headers: dict[str, str]) -> int:
    """Read an answer to its end as fast as it comes, and count its bytes."""
    connection.request("GET", address, headers=headers)
    response = connection.getresponse()
    size = 0
    while chunk := response.read(2**20):
        size += len(chunk)
    return size


def measure_hello() -> dict[str, float]:
    """The least that an answer of Flask takes."""
    with serving(sys.executable, "-c", _HELLO) as (_, connection):
        seconds = median_seconds(connection, lambda _: ("GET", "/", None))
    return {"cpu_seconds": 0.0, "wall_seconds": seconds}


def measure_bundles(next_seed: Callable[[], int]) -> dict[str, float]:
    """Bundles of five policyholders."""

    def ask(_: int) -> tuple[str, str, bytes]:
        body = json.dumps({"records": 5, "seed": next_seed()}).encode()
        return "POST", "/generate/bundle", body

    with serving(*_API) as (_, connection):
        seconds = median_seconds(connection, ask)
    return {"cpu_seconds": 0.0, "wall_seconds": seconds}


def measure_arrow_stream() -> dict[str, float]:
    """CPU seconds of the server for one stream, sending included."""
    address = f"/generate/person?records={_STREAM_RECORDS}"
    with serving(*_API) as (process, connection):
        size = read_all(connection, address, _ARROW)
        before = cpu_seconds(process)
        for _ in range(_STREAMS):
            read_all(connection, address, _ARROW)
        seconds = (cpu_seconds(process) - before) / _STREAMS
    return {"cpu_seconds": seconds, "written_megabytes": size / 1e6}


def measure_in_process() -> dict[str, float]:
    """CPU seconds of making the same rows as an Arrow table."""
    use_system_allocator()  # as the server does
    dataset = Dataset(records=_STREAM_RECORDS, tables=("persons",))
    dataset.table("persons")
    before = time.process_time()
    for _ in range(_STREAMS):
        dataset.table("persons")
    return {"cpu_seconds": (time.process_time() - before) / _STREAMS}


def measure_ndjson(records: int) -> dict[str, float]:
    """Peak memory of a server that sends one large stream."""
    with serving(*_API) as (process, connection):
        size = read_all(connection, f"/generate/person?records={records}", _NDJSON)
        status = Path(f"/proc/{process}/status").read_text()
        spent = cpu_seconds(process)
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return {
        "cpu_seconds": spent,
        "peak_megabytes": int(peak[1]) * 1024 / 1e6 if peak else 0.0,
        "written_megabytes": size / 1e6,
    }


def cpu_seconds(process: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


_SEEDS: Final = itertools.count()
MEASURES: Final[dict[str, Callable[[], dict[str, float]]]] = {
    "hello": measure_hello,
    "bundle": lambda: measure_bundles(lambda: 20251101),
    "bundle-of-a-new-seed": lambda: measure_bundles(lambda: next(_SEEDS)),
    "arrow": measure_arrow_stream,
    "in-process": measure_in_process,
    "ndjson-few": lambda: measure_ndjson(_STREAM_RECORDS),
    "ndjson-many": lambda: measure_ndjson(10 * _STREAM_RECORDS),
}

if __name__ == "__main__":
    print(json.dumps(MEASURES[sys.argv[1]]()))
