"""One request, one answer: digests and bytes over everything that must not matter.

The installed program runs as a user would run it, once for each circumstance, and every directory
is compared with the plain run.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ESDH = str(Path(sys.executable).with_name("esdh-cli"))
GENERATE = (ESDH, "generate-snapshot", "--json", "--output-format", "csv,parquet")
SEED = "20251101"
SMALL = ("--records", "10001", "--seed", SEED)
PARTS = ("--records", "30000", "--seed", SEED, "--records-per-file", "10000")


def generate(
    directory: Path, *options: str, env: dict[str, str] | None = None, cwd: Path | None = None
) -> str:
    """Write a snapshot with the installed program and return its dataset digest."""
    result = subprocess.run(
        [*GENERATE, "--output-dir", str(directory), *options],
        env={**os.environ, **(env or {})},
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
    )
    digest: str = json.loads(result.stdout)["dataset_digest"]
    return digest


def hashes(directory: Path, suffix: str = "") -> dict[str, str]:
    """SHA-256 of each file by name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.iterdir())
        if path.name.endswith(suffix)
    }


def content_digests(directory: Path) -> dict[str, str]:
    """Content digest of each table, from the manifest."""
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    return {table["name"]: table["content_digest"] for table in manifest["tables"]}


def numpy_features(env: dict[str, str] | None = None) -> set[str]:
    """CPU features that numpy would dispatch to and this machine has."""
    program = (
        "from numpy._core._multiarray_umath import __cpu_dispatch__ as d, __cpu_features__ as f;"
        "print(*(name for name in d if f[name]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **(env or {})},
        check=True,
        capture_output=True,
        text=True,
    )
    return set(result.stdout.split())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10,001 records in both formats, two leaves, in the plainest circumstances."""
    directory = tmp_path_factory.mktemp("plain") / "small"
    generate(directory, *SMALL, "--workers", "1")
    return directory


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30,000 records in three parts, by one worker."""
    directory = tmp_path_factory.mktemp("plain") / "parts"
    generate(directory, *PARTS, "--workers", "1")
    return directory


@pytest.mark.parametrize("workers", ["2", "7"])
def test_workers_change_no_byte(parts: Path, tmp_path: Path, workers: str) -> None:
    """One, two, or more workers than parts: the whole directory is the same."""
    generate(tmp_path / "other", *PARTS, "--workers", workers)

    assert hashes(parts) == hashes(tmp_path / "other")


@pytest.mark.parametrize(
    "env",
    [
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "0"},
        {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONHASHSEED": "4242"},
        {"LANG": "de_DE.ISO-8859-1", "LC_ALL": "de_DE.ISO-8859-1", "PYTHONOPTIMIZE": "2"},
        {"ARROW_USER_SIMD_LEVEL": "NONE", "OMP_NUM_THREADS": "1"},
    ],
    ids=lambda env: " ".join(f"{name}={value}" for name, value in env.items()),
)
def test_the_environment_changes_no_byte(small: Path, tmp_path: Path, env: dict[str, str]) -> None:
    """Time zone, language, hash seed and libraries' switches: the whole directory is the same."""
    generate(tmp_path / "other", *SMALL, env=env)

    assert hashes(small) == hashes(tmp_path / "other")


@pytest.mark.parametrize("kept", [0, 1], ids=["all masked", "all but the first masked"])
def test_masked_numpy_features_change_no_byte(small: Path, tmp_path: Path, kept: int) -> None:
    """Without the vector code that numpy would pick here, the whole directory is the same."""
    masked = sorted(numpy_features())[kept:]
    if not masked:
        pytest.skip("numpy dispatches to nothing on this machine that could be masked")
    env = {"NPY_DISABLE_CPU_FEATURES": " ".join(masked)}

    generate(tmp_path / "other", *SMALL, env=env)

    assert numpy_features(env) & set(masked) == set()
    assert hashes(small) == hashes(tmp_path / "other")


@pytest.mark.skipif(sys.platform != "linux", reason="a switch of the GNU C library")
def test_masked_libc_features_change_no_byte(small: Path, tmp_path: Path) -> None:
    """With the C library's AVX-512, AVX2 and FMA variants off, the whole directory is the same."""
    off = "-AVX512F,-AVX512VL,-AVX512BW,-AVX2,-AVX,-FMA,-BMI2,-ERMS"

    generate(tmp_path / "other", *SMALL, env={"GLIBC_TUNABLES": f"glibc.cpu.hwcaps={off}"})

    assert hashes(small) == hashes(tmp_path / "other")


def test_the_working_directory_changes_no_byte(small: Path, tmp_path: Path) -> None:
    """Run elsewhere and later, with a relative path, the whole directory is the same."""
    generate(Path("deep/other"), *SMALL, cwd=_made(tmp_path / "elsewhere"))

    assert hashes(small) == hashes(tmp_path / "elsewhere" / "deep" / "other")


def _made(directory: Path) -> Path:
    (directory / "deep").mkdir(parents=True)
    return directory


def test_records_per_file_change_no_content(parts: Path, tmp_path: Path) -> None:
    """One part or three: content and dataset digests are the same, and so are the rows."""
    digest = generate(tmp_path / "one", *PARTS[:4], "--output-format", "csv")

    manifest = json.loads((parts / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["dataset_digest"] == digest
    assert content_digests(parts) == content_digests(tmp_path / "one")
    for table in content_digests(parts):
        pieces = [path.read_bytes() for path in sorted(parts.glob(f"{table}-*.csv"))]
        headless = [piece.partition(b"\n")[2] for piece in pieces[1:]]
        assert len(pieces) == 3
        assert b"".join([pieces[0], *headless]) == (tmp_path / "one" / f"{table}.csv").read_bytes()


@pytest.mark.parametrize("tables", ["vehicles", "profiles,persons"])
def test_an_entity_filter_changes_no_table(small: Path, tmp_path: Path, tables: str) -> None:
    """Tables asked for alone have the content digests and bytes that they have in company."""
    generate(tmp_path / "some", *SMALL, "--entity-filter", tables)

    wanted = set(tables.split(","))
    expected = {name: text for name, text in content_digests(small).items() if name in wanted}
    assert expected == content_digests(tmp_path / "some")
    for suffix in (".csv", ".parquet"):
        files = hashes(tmp_path / "some", suffix)
        assert set(files) == {f"{name}{suffix}" for name in wanted}
        assert files.items() <= hashes(small, suffix).items()


@pytest.mark.parametrize("formats", ["csv", "parquet"])
def test_formats_change_no_content(small: Path, tmp_path: Path, formats: str) -> None:
    """Whichever formats are written, digests and each file are the same."""
    generate(tmp_path / "some", *SMALL, "--output-format", formats)

    assert content_digests(small) == content_digests(tmp_path / "some")
    for suffix in formats.split(","):
        assert hashes(small, f".{suffix}") == hashes(tmp_path / "some", f".{suffix}")


def test_a_small_snapshot_is_the_beginning_of_a_large_one(parts: Path, tmp_path: Path) -> None:
    """1,000 records are the first 1,000 lines of 30,000, byte by byte."""
    options = ("--records", "1000", "--seed", SEED, "--output-format", "csv")

    generate(tmp_path / "first", *options)

    for table in content_digests(parts):
        large = next(iter(sorted(parts.glob(f"{table}-*.csv")))).read_bytes()
        assert large.startswith((tmp_path / "first" / f"{table}.csv").read_bytes())


def test_different_seeds_differ(small: Path, tmp_path: Path) -> None:
    """Another seed gives another dataset digest and another digest of every table."""
    generate(tmp_path / "other", *SMALL[:2], "--seed", "20251102", "--output-format", "csv")

    here, there = content_digests(small), content_digests(tmp_path / "other")
    assert [table for table in here if here[table] == there[table]] == []
    assert hashes(small, "manifest.json") != hashes(tmp_path / "other", "manifest.json")


def test_a_hundred_seeds_give_a_hundred_digests() -> None:
    """No two of a hundred seeds share the content of any table."""
    program = (
        "from esdh_exporters import render_tables\n"
        "from esdh_generator import Dataset\n"
        "for seed in range(100):\n"
        "    tables = render_tables(Dataset(seed, 20), 'csv')\n"
        "    print(*(table.content_digest for table in tables.values()))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    columns = zip(*(line.split() for line in result.stdout.splitlines()), strict=True)

    assert [len(set(column)) for column in columns] == [100, 100, 100]
