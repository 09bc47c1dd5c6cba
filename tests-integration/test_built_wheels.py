"""The built wheels work together without the workspace, as they would from a package index."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ["esdh-models", "esdh-generator", "esdh-exporters", "esdh-cli"]


@pytest.fixture(scope="module")
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the four wheels, and this one's third-party packages behind them."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in PACKAGES:
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"],
            cwd=ROOT / "packages" / name,
            check=True,
            capture_output=True,
        )
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    uv = shutil.which("uv", path=os.fspath(Path(sys.executable).parent))
    assert uv is not None, "uv comes with the dev group"
    python = environment / "bin" / "python"
    wheels = sorted((folder / "dist").glob("*.whl"))
    options = ["--quiet", "--no-deps", "--offline", "--python", python]
    subprocess.run([uv, "pip", "install", *options, *wheels], check=True)
    third_party = folder / "third-party"
    third_party.mkdir()
    for path in Path(sys.executable).parent.parent.glob("lib/python*/site-packages/*"):
        if not path.name.startswith(("esdh", "_esdh", "__editable__")) and path.suffix != ".pth":
            (third_party / path.name).symlink_to(path)
    site_packages = next(environment.glob("lib/python*/site-packages"))
    (site_packages / "third-party.pth").write_text(f"{third_party}\n")
    return environment


def test_wheels_carry_their_data_and_nothing_else(clean_environment: Path) -> None:
    """Types and reference tables are in the wheels, tests are not."""
    site_packages = next(clean_environment.glob("lib/python*/site-packages"))
    names = {path.name for path in site_packages.glob("esdh_*") if path.suffix != ".dist-info"}

    assert names == {"esdh_models", "esdh_generator", "esdh_exporters", "esdh_cli"}
    assert all((site_packages / name / "py.typed").exists() for name in names)
    assert (site_packages / "esdh_generator" / "reference_data" / "locations.csv").exists()
    assert (site_packages / "esdh_models" / "reference_data" / "licence_formats.csv").exists()
    assert list(site_packages.glob("**/test_*.py")) == []


def test_declared_ranges_fit_each_other(clean_environment: Path) -> None:
    """What the wheels ask of each other is what the wheels are."""
    code = """
import importlib.metadata as metadata
from packaging.requirements import Requirement
for name in ("esdh-models", "esdh-generator", "esdh-exporters", "esdh-cli"):
    for text in metadata.requires(name) or []:
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate():
            found = metadata.version(wanted.name)
            assert wanted.specifier.contains(found), f"{name} wants {wanted}, found {found}"
            print(name, wanted, found)
"""
    done = subprocess.run(
        [clean_environment / "bin" / "python", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.count("esdh-models<") >= 3


def test_the_installed_command_writes_and_verifies(clean_environment: Path, tmp_path: Path) -> None:
    """A user who installed the wheels gets a snapshot, with workers, and can prove it."""
    program = clean_environment / "bin" / "esdh-cli"
    environment = {"PATH": os.environ["PATH"], "HOME": os.fspath(tmp_path)}

    def call(*arguments: str) -> str:
        return subprocess.run(
            [program, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    call("generate-snapshot", "--records", "20001", "--records-per-file", "10000", "--workers", "2")
    verified = call("verify-snapshot", "--regenerate")
    validated = call("validate-snapshot")

    assert verified.startswith("regenerated identical\n")
    assert validated.startswith("valid\n")
