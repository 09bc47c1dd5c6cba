"""The built wheels work together without the workspace, as they would from a package index."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ["esdh-models", "esdh-generator", "esdh-exporters", "esdh-cli", "esdh-api"]
SECONDS = 60

MakeEnvironment = Callable[[Sequence[str]], Path]


@pytest.fixture(scope="module")
def make_environment(tmp_path_factory: pytest.TempPathFactory) -> MakeEnvironment:
    """Makes an environment with some wheels, and this one's third-party packages behind them."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in PACKAGES:
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"],
            cwd=ROOT / "packages" / name,
            check=True,
            capture_output=True,
        )
    third_party = folder / "third-party"
    third_party.mkdir()
    for path in Path(sys.executable).parent.parent.glob("lib/python*/site-packages/*"):
        if not path.name.startswith(("esdh", "_esdh", "__editable__")) and path.suffix != ".pth":
            (third_party / path.name).symlink_to(path)
    uv = shutil.which("uv", path=os.fspath(Path(sys.executable).parent))
    assert uv is not None, "uv comes with the dev group"

    def make(packages: Sequence[str]) -> Path:
        environment = folder / f"environment-{len(list(folder.iterdir()))}"
        venv.create(environment, with_pip=False)
        python = environment / "bin" / "python"
        wheels = [
            wheel
            for name in packages
            for wheel in (folder / "dist").glob(f"{name.replace('-', '_')}-*.whl")
        ]
        options = ["--quiet", "--no-deps", "--offline", "--python", python]
        subprocess.run([uv, "pip", "install", *options, *wheels], check=True)
        site_packages = next(environment.glob("lib/python*/site-packages"))
        (site_packages / "third-party.pth").write_text(f"{third_party}\n")
        return environment

    return make


@pytest.fixture(scope="module")
def clean_environment(make_environment: MakeEnvironment) -> Path:
    """An environment with all wheels."""
    return make_environment(PACKAGES)


@pytest.fixture(scope="module")
def service_environment(make_environment: MakeEnvironment) -> Path:
    """An environment with the service and what it stands on, but not the command line."""
    return make_environment([name for name in PACKAGES if name != "esdh-cli"])


def test_wheels_carry_their_data_and_nothing_else(clean_environment: Path) -> None:
    """Types, reference tables, templates and static files are in the wheels, tests are not."""
    site_packages = next(clean_environment.glob("lib/python*/site-packages"))
    names = {path.name for path in site_packages.glob("esdh_*") if path.suffix != ".dist-info"}

    assert names == {name.replace("-", "_") for name in PACKAGES}
    assert all((site_packages / name / "py.typed").exists() for name in names)
    assert (site_packages / "esdh_generator" / "reference_data" / "locations.csv").exists()
    assert (site_packages / "esdh_models" / "reference_data" / "licence_formats.csv").exists()
    for folder in ("templates", "static"):
        source = ROOT / "packages" / "esdh-api" / "src" / "esdh_api" / folder
        installed = site_packages / "esdh_api" / folder
        assert {path.name for path in installed.iterdir()} == {p.name for p in source.iterdir()}
    assert list(site_packages.glob("**/test_*.py")) == []


def test_declared_ranges_fit_each_other(clean_environment: Path) -> None:
    """What the wheels ask of each other is what the wheels are."""
    code = f"""
import importlib.metadata as metadata
from packaging.requirements import Requirement
for name in {PACKAGES}:
    for text in metadata.requires(name) or []:
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate():
            found = metadata.version(wanted.name)
            assert wanted.specifier.contains(found), f"{{name}} wants {{wanted}}, found {{found}}"
            print(name, wanted, found)
"""
    done = subprocess.run(
        [clean_environment / "bin" / "python", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.count("esdh-models<") >= 4


def test_the_installed_command_writes_and_verifies(clean_environment: Path, tmp_path: Path) -> None:
    """A user who installed the wheels gets a snapshot, with workers, and can prove it."""
    program = clean_environment / "bin" / "esdh-cli"

    def call(*arguments: str) -> str:
        return subprocess.run(
            [program, *arguments],
            cwd=tmp_path,
            env=bare_environment(tmp_path),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    call("generate-snapshot", "--records", "20001", "--records-per-file", "10000", "--workers", "2")
    verified = call("verify-snapshot", "--regenerate")
    validated = call("validate-snapshot")

    assert verified.startswith("regenerated identical\n")
    assert validated.startswith("valid\n")


def bare_environment(home: Path) -> dict[str, str]:
    """Nothing of the workspace."""
    return {"PATH": os.environ["PATH"], "HOME": os.fspath(home)}


@contextmanager
def serving(program: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a server from an empty folder; whatever is left of it afterwards is killed."""
    with (folder / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [program, "serve", "--port", "0"],
            cwd=folder,
            env=bare_environment(folder),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        found = re.search(r"serving (http://127\.0\.0\.1:[0-9]+) ", process.stdout.readline())
        assert found, (folder / "stderr").read_text()
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


def asked(url: str, accept: str = "*/*", body: bytes | None = None) -> bytes:
    """The body of an answer."""
    headers = {"Accept": accept, "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310  # loopback
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def test_the_service_needs_no_command_line(service_environment: Path, tmp_path: Path) -> None:
    """`pip install esdh-api` and one command: rows, streams and pages; SIGTERM ends it well."""
    python = service_environment / "bin" / "python"
    missing = subprocess.run([python, "-c", "import esdh_cli"], capture_output=True, check=False)

    with serving(service_environment / "bin" / "esdh-api", tmp_path) as (process, url):
        health = json.loads(asked(f"{url}/healthz"))
        bundle = json.loads(asked(f"{url}/generate/bundle", body=b'{"records": 5, "seed": 7}'))
        lines = asked(f"{url}/generate/person?records=20001", "text/csv").splitlines()
        pages = [asked(f"{url}/{page}") for page in ("demo", "docs")]
        parts = set(re.findall(rb'(?:src|href)="(/static/[^"]+)"', b"".join(pages)))
        sizes = [len(asked(url + part.decode())) for part in parts]
        process.send_signal(signal.SIGTERM)
        code = process.wait(SECONDS)

    assert b"No module named 'esdh_cli'" in missing.stderr
    assert health["status"] == "ok"
    assert [len(bundle[name]) for name in ("persons", "vehicles", "profiles")] == [5, 5, 5]
    assert len(lines) == 20_002
    assert sizes
    assert min(sizes) > 0
    assert code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["stderr"]
