"""Programs that have nothing to do with this project find a snapshot in order.

They run as a user would run them, inside the snapshot's directory.
"""

import getpass
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(sys.executable).parent
DESCRIPTORS = ("README.md", "SHA256SUMS", "datapackage.json", "manifest.json", "metadata.json")
OWNERS = ("--entity-filter", "persons,vehicles")
BOTH = ("--output-format", "csv,parquet")
SNAPSHOTS = {
    "one part": ("--records", "300", *BOTH),
    "several parts": ("--records", "10001", "--records-per-file", "10000", *OWNERS, *BOTH),
    "parquet only": ("--records", "100", "--output-format", "parquet"),
    "vehicles without persons": ("--records", "100", "--entity-filter", "vehicles", *BOTH),
    "profiles without parents": ("--records", "100", "--entity-filter", "profiles"),
    "profiles without vehicles": ("--records", "100", "--entity-filter", "persons,profiles"),
}


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment in a directory, as a user with a telling name."""
    environment = {
        **os.environ,
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "USER": "zq-user-4711",
        "LOGNAME": "zq-user-4711",
        "HOSTNAME": "zq-host-4711",
        "COLUMNS": "200",
    }
    return subprocess.run(
        command, cwd=cwd, env=environment, check=False, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a name that would be noticed anywhere else."""
    return tmp_path_factory.mktemp("zq-directory-4711")


@pytest.fixture(scope="module")
def snapshots(home: Path) -> dict[str, Path]:
    """One snapshot of each kind."""
    directories = {name: home / name.replace(" ", "-") for name in SNAPSHOTS}
    for name, directory in directories.items():
        options = (*SNAPSHOTS[name], "--seed", "11", "--output-dir", str(directory))
        result = run("esdh-cli", "generate-snapshot", *options, cwd=home)
        assert result.returncode == 0, result.stderr
    return directories


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_sha256sum_finds_every_file_in_order(snapshots: dict[str, Path], name: str) -> None:
    """`sha256sum -c SHA256SUMS` passes, and lists every other file of the directory."""
    result = run("sha256sum", "-c", "SHA256SUMS", cwd=snapshots[name])

    found = {line.removesuffix(": OK") for line in result.stdout.splitlines()}
    assert (result.returncode, result.stderr) == (0, "")
    assert found == {path.name for path in snapshots[name].iterdir()} - {"SHA256SUMS"}


@pytest.mark.parametrize("name", [name for name in SNAPSHOTS if name != "several parts"])
def test_frictionless_finds_everything_valid(snapshots: dict[str, Path], name: str) -> None:
    """Plain `frictionless validate datapackage.json` passes, whichever tables and formats."""
    result = run("frictionless", "validate", "datapackage.json", cwd=snapshots[name])

    assert result.returncode == 0, result.stdout
    assert "INVALID" not in result.stdout


def test_frictionless_reads_every_part_and_key(snapshots: dict[str, Path]) -> None:
    """Parts are read as one table: all rows are seen, with all keys, and all are valid."""
    command = ("frictionless", "validate", "datapackage.json", "--json")

    report = json.loads(run(*command, cwd=snapshots["several parts"]).stdout)

    rows = {task["name"]: task["stats"].get("rows") for task in report["tasks"]}
    package = json.loads(
        (snapshots["several parts"] / "datapackage.json").read_text(encoding="utf-8")
    )
    schemas = {one["name"]: one["schema"] for one in package["resources"] if "schema" in one}
    keys = {name: len(schema.get("foreignKeys", [])) for name, schema in schemas.items()}
    assert {name: rows[name] for name in schemas} == dict.fromkeys(schemas, 10_001)
    assert keys == {"persons": 0, "vehicles": 1}
    assert [task["name"] for task in report["tasks"] if not task["valid"]] == []


@pytest.mark.parametrize("name", ["one part", "parquet only", "several parts"])
def test_the_data_package_names_every_data_file(snapshots: dict[str, Path], name: str) -> None:
    """CSV parts as tables, Parquet parts as plain files; none is left out."""
    package = json.loads((snapshots[name] / "datapackage.json").read_text(encoding="utf-8"))
    named = {one["path"] for one in package["resources"]}
    named |= {path for one in package["resources"] for path in one.get("extrapaths", [])}

    assert named == {path.name for path in snapshots[name].iterdir()} - set(DESCRIPTORS)


def test_the_witnesses_are_awake(snapshots: dict[str, Path], tmp_path: Path) -> None:
    """One changed character of a VIN in a copy, and both complain about that file."""
    for path in snapshots["one part"].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = tmp_path / "vehicles.csv"
    table.write_text(
        re.sub(r",[EFG](\w{16}),", r",I\1,", table.read_text("utf-8"), count=1), "utf-8"
    )

    sums = run("sha256sum", "-c", "SHA256SUMS", cwd=tmp_path)
    report = run("frictionless", "validate", "datapackage.json", "--json", cwd=tmp_path)

    invalid = [one["name"] for one in json.loads(report.stdout)["tasks"] if not one["valid"]]
    failed = [line for line in sums.stdout.splitlines() if not line.endswith(": OK")]
    assert failed == ["vehicles.csv: FAILED"]
    assert "vehicles" in invalid


@pytest.mark.parametrize("name", ["several parts", "profiles without vehicles"])
def test_the_readmes_command_makes_the_same_again(
    snapshots: dict[str, Path], tmp_path: Path, name: str
) -> None:
    """Copied from the page and run elsewhere, it writes every file byte for byte again."""
    command = _commands(snapshots[name])[0]

    result = run(*shlex.split(command), cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert _contents(snapshots[name]) == _contents(tmp_path / "snapshot")


@pytest.mark.parametrize("name", ["one part", "parquet only", "vehicles without persons"])
def test_the_readmes_checks_pass(snapshots: dict[str, Path], name: str) -> None:
    """The lines that the page offers for checking all succeed as they stand there."""
    checks = _commands(snapshots[name])[1:]

    assert [check.split()[0] for check in checks] == ["sha256sum", "esdh-cli"]
    for check in checks:
        assert run(*shlex.split(check), cwd=snapshots[name]).returncode == 0


def test_the_readme_quotes_the_manifests_digest(snapshots: dict[str, Path]) -> None:
    """The line to quote is the same on the page, in metadata.json and in the manifest."""
    for directory in snapshots.values():
        manifest, metadata = (
            json.loads((directory / name).read_text(encoding="utf-8"))["dataset_digest"]
            for name in ("manifest.json", "metadata.json")
        )
        readme = (directory / "README.md").read_text(encoding="utf-8")
        assert {manifest} == {metadata, *re.findall(r"blake3:[0-9a-f]{64}", readme)}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_descriptors_tell_nothing_about_the_machine(
    snapshots: dict[str, Path], home: Path, name: str
) -> None:
    """No user, host, path or time of day stands in any file that describes the data."""
    secrets = {"zq-user-4711", "zq-host-4711", "zq-directory-4711", str(home), str(Path.home())}
    secrets |= {word for word in (socket.gethostname(), getpass.getuser()) if len(word) > 5}
    for descriptor in DESCRIPTORS:
        text = (snapshots[name] / descriptor).read_text(encoding="utf-8")
        assert {secret for secret in secrets if secret in text} == set()
        assert re.search(r"\b\d\d:\d\d(:\d\d)?\b", text) is None
        dates = set(re.findall(r"\b20\d\d-\d\d-\d\d\b", text))
        assert dates <= {"2026-01-01"}
        assert re.search(r"(?<![\w:/.])/(tmp|home|root|usr|var|work)/", text) is None


def _commands(directory: Path) -> list[str]:
    """Every line inside the code blocks of the README."""
    blocks = re.findall(r"```\n(.*?)```", (directory / "README.md").read_text("utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def _contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}
