"""The matrix of `make determinism` goes red when it should; nothing is installed here."""

import dataclasses
import json
import sys
from pathlib import Path

import pytest

from esdh_exporters import write_snapshot
from esdh_generator import Dataset
from esdh_models import Packaging

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "scripts"))

from determinism.circumstances import CIRCUMSTANCES  # noqa: E402
from determinism.comparison import find_differences  # noqa: E402
from determinism.environments import Environment  # noqa: E402
from determinism.observation import Observation, read_facts  # noqa: E402
from determinism.page import render_page  # noqa: E402

FACTS = {
    "dataset digest": "blake3:12",
    "digest of persons": "blake3:34",
    "persons.csv": "56",
    "bundle.json": "78",
    "persons.ndjson": "9a",
    "manifest.json": "bc",
    "persons.parquet": "de",
}


def observe(environment: str, pyarrow: str, **changed: str) -> Observation:
    """One run that gave the facts above, but for those that changed."""
    return Observation("default", environment, "plain", pyarrow, {**FACTS, **changed})


def test_equal_runs_do_not_differ() -> None:
    """The same facts everywhere are no difference."""
    runs = [observe("3.11 oldest", "20.0.0"), observe("3.13 newest", "26.0.0")]

    assert find_differences(runs) == []


@pytest.mark.parametrize("fact", [name for name in FACTS if not name.endswith(".parquet")])
def test_one_differing_fact_is_found(fact: str) -> None:
    """Digests, files and manifest are one over everything, another pyarrow included."""
    odd = observe("3.13 newest", "26.0.0", **{fact: "other"})
    runs = [observe("3.11 oldest", "20.0.0"), odd, observe("3.12 newest", "26.0.0")]

    found = [(each.observation, each.fact, each.found) for each in find_differences(runs)]

    assert found == [(odd, fact, "other")]


@pytest.mark.parametrize(("pyarrow", "differing"), [("20.0.0", 1), ("26.0.0", 0)])
def test_parquet_bytes_are_one_for_each_pyarrow(pyarrow: str, differing: int) -> None:
    """Parquet files may differ between pyarrow versions, not within one."""
    odd = observe("3.13 newest", pyarrow, **{"persons.parquet": "other"})

    assert len(find_differences([observe("3.11 oldest", "20.0.0"), odd])) == differing


@pytest.mark.parametrize("first", [True, False])
def test_a_fact_that_only_one_run_has_is_found(first: bool) -> None:
    """A file too many or too few is a difference, whichever run comes first."""
    runs = [observe("3.11 oldest", "20.0.0"), observe("3.12 oldest", "20.0.0", extra="1")]

    assert len(find_differences(runs if first else runs[::-1])) == 1


def test_requests_are_not_held_against_each_other() -> None:
    """Another request has another digest."""
    other = dataclasses.replace(
        observe("3.11 oldest", "20.0.0", **{"dataset digest": "other"}), request="parts"
    )

    assert find_differences([observe("3.11 oldest", "20.0.0"), other]) == []


def test_no_run_proves_nothing() -> None:
    """An empty matrix is an error, never green."""
    with pytest.raises(ValueError, match="nothing was run"):
        find_differences([])


def test_the_page_shows_where_it_differs(tmp_path: Path) -> None:
    """A difference is in the verdict, in its cell and in the list, and no path is on the page."""
    environments = [
        Environment(tmp_path, python, "newest", {"numpy": "2.0.0", "pyarrow": "20.0.0"})
        for python in ("3.11.1", "3.12.1")
    ]
    runs = [
        observe("3.11.1 newest", "20.0.0"),
        observe("3.12.1 newest", "20.0.0", **{"persons.csv": "other"}),
    ]

    page = render_page(
        {"default": ()}, environments, CIRCUMSTANCES[:1], runs, find_differences(runs)
    )

    assert "**2 runs, 1 differences.**" in page
    assert "| 3.11.1 | newest | 2.0.0 | 20.0.0 | `blake3:12` | ok |" in page
    assert "| 3.12.1 | newest | 2.0.0 | 20.0.0 | `blake3:12` | different |" in page
    assert "- default, 3.12.1 newest, plain: persons.csv is `other`, not `56`" in page
    assert str(tmp_path) not in page


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """Ten records in CSV and Parquet."""
    directory = tmp_path / "snapshot"
    write_snapshot(Dataset(7, 10), directory, Packaging.parse(formats=("csv", "parquet")))
    return directory


def test_every_file_of_a_snapshot_is_a_fact(snapshot: Path) -> None:
    """No file is left out of the comparison, and the digests are those of the manifest."""
    facts = read_facts(snapshot)
    manifest = json.loads((snapshot / "manifest.json").read_bytes())

    assert {path.name for path in snapshot.iterdir()} <= facts.keys()
    assert facts["dataset digest"] == manifest["dataset_digest"]


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ('"numpy": "', '"numpy": "9', True),
        ('"seed": 7', '"seed": 8', False),
        ('"reference_data_digest": "', '"reference_data_digest": "0', False),
    ],
)
def test_a_manifest_counts_up_to_its_makers(
    snapshot: Path, old: str, new: str, equal: bool
) -> None:
    """Versions in `produced_by` may differ, nothing else in a manifest may."""
    before = read_facts(snapshot)
    path = snapshot / "manifest.json"
    path.write_text(path.read_text().replace(old, new, 1))

    assert (read_facts(snapshot)["manifest.json"] == before["manifest.json"]) is equal


@pytest.mark.parametrize(("name", "equal"), [("persons.parquet", True), ("persons.csv", False)])
@pytest.mark.parametrize("page", ["manifest.json", "datapackage.json", "SHA256SUMS"])
def test_only_hashes_of_parquet_files_are_left_out(
    snapshot: Path, name: str, page: str, equal: bool
) -> None:
    """What describes a Parquet file may differ by its hash, but not by that of a CSV file."""
    before = read_facts(snapshot)
    sums = (snapshot / "SHA256SUMS").read_text().splitlines()
    (sha256,) = (line.split()[0] for line in sums if line.endswith(f" {name}"))
    path = snapshot / page
    path.write_text(path.read_text().replace(sha256, "0" * 64))

    assert (read_facts(snapshot)[page] == before[page]) is equal


@pytest.mark.parametrize(("formats", "equal"), [(("csv", "parquet"), True), (("csv",), False)])
def test_the_hash_of_the_data_package_follows_parquet(
    tmp_path: Path, formats: tuple[str, ...], equal: bool
) -> None:
    """Only where there are Parquet files may the manifest differ by the hash of what lists them."""
    directory = tmp_path / "snapshot"
    write_snapshot(Dataset(7, 10), directory, Packaging.parse(formats=formats))
    before = read_facts(directory)
    path = directory / "manifest.json"
    document = json.loads(path.read_bytes())
    (entry,) = (entry for entry in document["files"] if entry["path"] == "datapackage.json")
    path.write_text(path.read_text().replace(entry["sha256"], "0" * 64))
    after = read_facts(directory)

    exact = "manifest.json with hashes of *.parquet"
    assert (after["manifest.json"] == before["manifest.json"]) is equal
    assert after[exact] != before[exact]


def test_the_page_is_current() -> None:
    """The digest on docs/determinism.md is the golden one of the default request."""
    golden = json.loads((ROOT / "tests-integration" / "golden" / "v0.1.json").read_bytes())
    page = (ROOT / "docs" / "determinism.md").read_text()

    assert f"`{golden['datasets']['the default']['dataset_digest']}`" in page
    assert "no difference.**" in page
