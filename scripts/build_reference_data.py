"""Build the reference tables and their provenance page, or check that they are what it builds.

    python scripts/build_reference_data.py --inputs DIR [--check]

`DIR` caches the pinned source archives; what is missing there is fetched by package name.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from reference_data_build.all_tables import build_all_tables
from reference_data_build.locations import LocationBuilder
from reference_data_build.provenance import PAGE, render_page
from reference_data_build.source_archives import ensure_archives

REPOSITORY = Path(__file__).resolve().parent.parent


def main() -> int:
    """Build into the repository, or with --check into a temporary directory and compare."""
    arguments = _parse_arguments()
    if not arguments.check:
        written = write_reference_data(arguments.inputs, REPOSITORY)
        print(f"wrote {len(written)} files", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as directory:
        rebuilt = Path(directory)
        written = write_reference_data(arguments.inputs, rebuilt)
        differing = [path for path in written if not _is_same(rebuilt / path, REPOSITORY / path)]
    for path in differing:
        print(f"{path} differs from what the script builds", file=sys.stderr)
    return 1 if differing else 0


def write_reference_data(inputs: Path, root: Path) -> list[Path]:
    """Write every table and the provenance page below `root`; return their relative paths."""
    ensure_archives(inputs)
    locations = LocationBuilder(inputs)
    tables = build_all_tables(inputs, locations)
    page = render_page((REPOSITORY / PAGE).read_text(encoding="utf-8"), tables, locations)
    contents = {table.path: table.to_bytes() for table in tables}
    contents[PAGE] = page.encode("utf-8")
    for path, content in contents.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return list(contents)


def _is_same(rebuilt: Path, existing: Path) -> bool:
    return existing.is_file() and existing.read_bytes() == rebuilt.read_bytes()


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=Path, required=True, metavar="DIR")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
