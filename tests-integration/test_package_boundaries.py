"""A package uses only what its siblings offer."""

import ast
import importlib
import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ["esdh_models", "esdh_generator", "esdh_exporters", "esdh_cli", "esdh_api"]


def imports_of_siblings(package: str) -> Iterator[tuple[Path, str, str]]:
    """Every import of another package: file, module, name."""
    for path in sorted((ROOT / "packages" / package.replace("_", "-") / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found = [(alias.name, "") for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found = [(node.module or "", alias.name) for alias in node.names]
            else:
                continue
            for module, name in found:
                if module.split(".")[0] in set(PACKAGES) - {package}:
                    yield path, module, name


@pytest.mark.parametrize("package", PACKAGES)
def test_siblings_are_used_through_their_public_names(package: str) -> None:
    """Nothing but names in `__all__` of a sibling's `__init__.py` is imported."""
    for path, module, name in imports_of_siblings(package):
        assert module in PACKAGES, f"{path.name} reaches into {module}"
        assert name in importlib.import_module(module).__all__, f"{path.name} imports {name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_complete(package: str) -> None:
    """Types, a readme, a changelog of the current version, and tests are there."""
    folder = ROOT / "packages" / package.replace("_", "-")
    version = importlib.metadata.version(package.replace("_", "-"))

    assert (folder / "src" / package / "py.typed").exists()
    assert (folder / "README.md").read_text().startswith(f"# {folder.name}\n")
    assert f"## [{version}]" in (folder / "CHANGELOG.md").read_text()
    assert list((folder / "tests").glob("test_*.py"))
