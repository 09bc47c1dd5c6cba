"""For every check of every validator, ways to make its claim untrue.

A break changes what the validator looks at: a name that it calls, the product below, or a copy of
the repository. `BREAKS` lists them as check, words that the error must hold, and break.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ConfigDict, create_model

from esdh_exporters import Answer, VerificationReport, render_tables, write_snapshot
from esdh_generator import Dataset, RecordLocation
from esdh_models import TableContract, get_contract, never_real

ROOT = Path(__file__).parent.parent

COPIED = ("agentic", "docs", "governance", "packages", "tests-integration")
IGNORED = shutil.ignore_patterns("__pycache__", "reference_data")

Break = Callable[[pytest.MonkeyPatch, ModuleType, Path], list[str]]
"""Breaks something, perhaps in a copy of the repository below a folder; returns arguments."""


def patched(name: str, make: Callable[[ModuleType], Any]) -> Break:
    """Put something else in the place of a name of the validator, which may have dots."""

    def apply(monkeypatch: pytest.MonkeyPatch, module: ModuleType, _: Path) -> list[str]:
        *owners, last = name.split(".")
        owner: Any = module
        for part in owners:
            owner = getattr(owner, part)
        monkeypatch.setattr(owner, last, make(module))
        return []

    return apply


def elsewhere(name: str, value: object) -> Break:
    """Put something else in the place of a name of the product."""

    def apply(monkeypatch: pytest.MonkeyPatch, _: ModuleType, __: Path) -> list[str]:
        monkeypatch.setattr(name, value)
        return []

    return apply


def with_table(change: Callable[[TableContract], TableContract]) -> Break:
    """Change the second table of the contract that the validator sees, in place of the first."""

    def make(_: ModuleType) -> Any:
        def get_changed(version: str) -> Any:
            contract = get_contract(version)
            tables = [change(t) if t.name == "vehicles" else t for t in contract.tables]
            return dataclasses.replace(contract, tables=tuple(tables))

        return get_changed

    return patched("get_contract", make)


def with_facts(column_name: str, **facts: Any) -> Break:
    """Change the facts of one column of the vehicles."""

    def change(table: TableContract) -> TableContract:
        columns = tuple(
            dataclasses.replace(column, facts=dataclasses.replace(column.facts, **facts))
            if column.name == column_name
            else column
            for column in table.columns
        )
        return dataclasses.replace(table, columns=columns)

    return with_table(change)


def credulous(_: pa.Array, batch: pa.RecordBatch) -> pa.BooleanArray:
    """A scanner that takes everything."""
    return pa.array([True] * batch.num_rows)


def dataset_with(**methods: Any) -> Break:
    """A dataset some of whose methods are others."""
    return patched("Dataset", lambda _: type("Broken", (Dataset,), methods))


def with_value(table_name: str, column: str, value: Callable[[pa.Table], str]) -> Any:
    """`Dataset.table` with one value in place of all others of a column."""

    def table(self: Dataset, name: str) -> pa.Table:
        made = Dataset.table(self, name)
        if name != table_name:
            return made
        place = made.column_names.index(column)
        values = pa.array([value(made)] * made.num_rows)
        return made.set_column(place, made.schema.field(column), values)

    return table


def written_with(change: Callable[[Path], object]) -> Break:
    """A writer that changes the snapshot afterwards."""

    def make(_: ModuleType) -> Any:
        def write(*arguments: Any, **options: Any) -> Any:
            result = write_snapshot(*arguments, **options)
            change(result.directory)
            return result

        return write

    return patched("write_snapshot", make)


def append(name: str) -> Callable[[Path], object]:
    """Something more at the end of a file, and never the same."""

    def change(folder: Path) -> None:
        with (folder / name).open("a") as file:
            file.write(f"{folder}\n")

    return change


def replace_street(folder: Path) -> None:
    """A street that nobody invented."""
    path = folder / "persons.csv"
    path.write_text(re.sub(r",\d+ [A-Za-z]+ St,", ",100 Main St,", path.read_text()))


def blind(answer: Answer) -> Break:
    """A verifier that always gives the same answer."""
    report = VerificationReport(answer, (), None, True)
    return patched("verify_snapshot", lambda _: lambda *_, **__: report)


def forced(_: ModuleType) -> Any:
    """A writer that takes every name."""
    return lambda *arguments, **options: write_snapshot(*arguments, **{**options, "force": True})


def program(script: str) -> Break:
    """A shell script in the place of the command line."""

    def apply(monkeypatch: pytest.MonkeyPatch, module: ModuleType, folder: Path) -> list[str]:
        path = folder / "esdh-cli"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(module, "PROGRAM", path)
        return []

    return apply


CARELESS = """
for word; do [ "$before" = --output-dir ] && mkdir -p "$word"; before=$word; done
echo '{"dataset_digest": "blake3:0", "answer": "regenerated identical", "passed": true}'
"""


def app_with(change: Callable[[Any], object]) -> Break:
    """An application that was changed after it was made."""

    def make(module: ModuleType) -> Any:
        original = module.create_app

        def create(settings: Any) -> Any:
            app = original(settings)
            change(app)
            return app

        return create

    return patched("create_app", make)


def as_page(response: Any) -> Any:
    """A refusal as a page instead of a problem document."""
    if response.status_code >= 400:
        response.content_type = "text/html"
    return response


def other_seed(seed: int, records: int, **options: Any) -> Dataset:
    """A dataset of another seed than was asked for."""
    return Dataset(seed + 1, records, **options)


def in_copy(change: Callable[[Path], object]) -> Break:
    """A change in a copy of what governs the work; of everything else there are links."""

    def apply(_: pytest.MonkeyPatch, __: ModuleType, folder: Path) -> list[str]:
        root = folder / "copy"
        root.mkdir()
        for path in ROOT.glob("[!.]*"):
            if path.name in COPIED:
                shutil.copytree(path, root / path.name, ignore=IGNORED)
            elif path.is_file():
                shutil.copy(path, root / path.name)
            else:
                (root / path.name).symlink_to(path)
        change(root)
        return ["--root", str(root)]

    return apply


def edited(name: str, pattern: str, replacement: str) -> Break:
    """One change in one file of a copy."""

    def change(root: Path) -> None:
        path = root / name
        text, count = re.subn(pattern, replacement, path.read_text(), count=1, flags=re.MULTILINE)
        assert count == 1, f"{name} no longer holds {pattern}"
        path.write_text(text)

    return in_copy(change)


BREAKS: dict[str, list[tuple[str, str, Break]]] = {
    "schema": [
        ("contracts-derive", "refers to claims.id", with_facts("vin", foreign_key="claims.id")),
        (
            "identifier-columns-have-registered-classes",
            "vehicles.vin has no identifier class",
            with_facts("vin", identifier_class=None),
        ),
        (
            "identifier-columns-have-registered-classes",
            "'telephone', which is not registered",
            with_facts("make", identifier_class="telephone"),
        ),
        (
            "scanners-refuse-what-could-be-real",
            "unassigned-vin takes a value that could be real",
            elsewhere(
                "esdh_models.never_real.IDENTIFIER_CLASSES",
                tuple(
                    dataclasses.replace(entry, scan=credulous)
                    for entry in never_real.IDENTIFIER_CLASSES
                ),
            ),
        ),
        (
            "json-schemas-are-valid",
            "persons: ",
            elsewhere(
                "esdh_models.contracts.TableContract.json_schema",
                property(lambda _: {"type": "person"}),
            ),
        ),
        (
            "row-models-refuse-bad-rows",
            "vehicles takes a column that is not its own",
            with_table(
                lambda table: dataclasses.replace(
                    table, row_model=create_model("Open", __config__=ConfigDict(extra="allow"))
                )
            ),
        ),
        (
            "requests-refuse-impossible-sizes",
            "records=-1 is taken",
            patched("DatasetRequest", lambda _: SimpleNamespace(parse=lambda **_: None)),
        ),
        (
            "configuration-is-read-strictly",
            "an alias is taken",
            elsewhere("esdh_models.strict_yaml.load_strict_yaml", lambda *_: None),
        ),
    ],
    "generator": [
        (
            "golden-digests-match",
            "'the default' has other digests",
            edited(
                "tests-integration/golden/v0.1.json",
                r'("the default": {\s+"request": {},\s+"dataset_digest": "blake3:)....',
                r"\g<1>0000",
            ),
        ),
        (
            "golden-digests-match",
            "is of other rules",
            edited(
                "tests-integration/golden/v0.1.json", r'"rules_version": 1', '"rules_version": 9'
            ),
        ),
        (
            "fewer-records-are-the-first-of-more",
            "persons of 1,000 records",
            patched("Dataset", lambda _: lambda seed, records: Dataset(seed + records, records)),
        ),
        (
            "cutting-changes-no-value",
            "persons depends on how owners are cut",
            dataset_with(
                iter_blocks=lambda self, start, stop: Dataset.iter_blocks(self, 0, stop - start)
            ),
        ),
        (
            "tables-do-not-depend-on-each-other",
            "vehicles depends on which tables are asked for",
            patched(
                "Dataset",
                lambda _: (
                    lambda seed, records, tables=None: Dataset(
                        seed + (tables == ["vehicles"]), records, tables=tables
                    )
                ),
            ),
        ),
        (
            "workers-change-no-value",
            "two workers wrote another manifest",
            patched(
                "write_snapshot",
                lambda _: (
                    lambda source, folder, _packaging, workers: write_snapshot(
                        Dataset(workers, 1), folder
                    )
                ),
            ),
        ),
        (
            "another-seed-is-another-dataset",
            "20 seeds gave 2 digests",
            patched("Dataset", lambda _: lambda seed, records: Dataset(seed % 2, records)),
        ),
        (
            "identifiers-lie-in-their-classes",
            "persons.address_line_1 breaks identifier-class:invented-street in row 0",
            dataset_with(table=with_value("persons", "address_line_1", lambda _: "100 Main St")),
        ),
        (
            "keys-hold",
            "vehicles.vin breaks unique",
            dataset_with(table=with_value("vehicles", "vin", lambda t: t["vin"][0].as_py())),
        ),
        (
            "keys-hold",
            "profiles.person_id breaks foreign-key",
            dataset_with(
                table=with_value("profiles", "person_id", lambda t: t["profile_id"][0].as_py())
            ),
        ),
        (
            "identifiers-lead-back-to-their-rows",
            "row 1 of persons is found as",
            dataset_with(locate=lambda *_: RecordLocation("persons", 0, 0)),
        ),
    ],
    "exporter": [
        ("snapshots-verify-in-every-format", "broken", written_with(append("persons.csv"))),
        ("snapshots-keep-their-contract", "csv: 75 of 75 rows", written_with(replace_street)),
        (
            "writing-twice-gives-the-same-bytes",
            "README.md differs",
            written_with(append("README.md")),
        ),
        (
            "checksums-are-those-of-coreutils",
            "does not hold the hashes",
            written_with(append("metadata.json")),
        ),
        (
            "a-flipped-bit-is-found",
            "a flipped bit in SHA256SUMS gives the answer self-consistent",
            blind(Answer.SELF_CONSISTENT),
        ),
        ("missing-and-extra-files-are-found", "naming []", blind(Answer.SELF_CONSISTENT)),
        ("a-forgery-is-found", "matches expected and matches", blind(Answer.MATCHES_EXPECTED)),
        ("a-manifest-cannot-lead-outside", "self-consistent", blind(Answer.SELF_CONSISTENT)),
        (
            "a-taken-name-is-kept",
            "another request takes the name",
            patched("write_snapshot", forced),
        ),
        (
            "rendered-tables-are-the-files",
            "persons as csv is not persons.csv",
            patched(
                "render_tables",
                lambda _: lambda _, name: render_tables(Dataset(1, 25), name),
            ),
        ),
    ],
    "cli": [
        (
            "every-command-explains-itself",
            "describe --help: code 0, no example",
            program("printf 'Commands:\\n  describe  Show.\\n'"),
        ),
        ("every-command-explains-itself", "--help lists no command", program("true")),
        ("a-snapshot-is-made-and-checked", "a taken name ends with 0", program(CARELESS)),
        ("a-snapshot-is-made-and-checked", "JSONDecodeError", program("echo done")),
        (
            "rows-go-to-standard-output",
            "12 records are 1 lines",
            program("echo welcome"),
        ),
        (
            "bad-input-is-refused-in-one-line",
            "describe v9.9: code 2, not one line",
            program("echo Traceback >&2; echo esdh-cli: bad >&2; exit 2"),
        ),
        (
            "bad-input-is-refused-in-one-line",
            "describe v9.9: code 1",
            program("echo esdh-cli: bad >&2; exit 1"),
        ),
    ],
    "api": [
        (
            "routes-answer-as-told",
            "/readyz is not as told",
            app_with(
                lambda app: app.view_functions.update({"health.readyz": lambda: {"status": "fine"}})
            ),
        ),
        (
            "routes-answer-as-told",
            "/contracts answers 500",
            app_with(lambda app: app.view_functions.update({"contracts.contracts": lambda: 1 / 0})),
        ),
        (
            "openapi-tells-every-route",
            "/hidden is served but not told",
            app_with(lambda app: app.add_url_rule("/hidden", view_func=dict)),
        ),
        (
            "a-bundle-is-the-dataset",
            "persons are not the rows of the dataset",
            elsewhere("esdh_api.request_parameters.Dataset", other_seed),
        ),
        (
            "a-key-is-asked-for",
            "/metrics does not answer 401",
            elsewhere(
                "esdh_api.auth.OPEN_ENDPOINTS",
                frozenset({"health.metrics", "pages.openapi_document"}),
            ),
        ),
        (
            "a-public-bind-needs-a-key",
            "a public address is bound without a key",
            elsewhere("esdh_api.settings.is_loopback", lambda _: True),
        ),
        (
            "refusals-are-problem-documents",
            "GET /nowhere: it answers as text/html",
            app_with(lambda app: app.after_request(as_page)),
        ),
        (
            "records-are-bounded",
            "records 0: it answers 200 instead of 400",
            app_with(lambda app: app.view_functions.update({"generate.person": lambda **_: {}})),
        ),
    ],
    "governance": [
        (
            "required-pages-exist",
            "governance/pii_policy.md is missing",
            in_copy(lambda root: (root / "governance/pii_policy.md").unlink()),
        ),
        (
            "data-dictionary-is-current",
            "data_dictionary_v0.1.md is not what",
            edited("governance/data_dictionary_v0.1.md", "Given name", "First name"),
        ),
        (
            "policy-table-is-that-of-the-contracts",
            "the policy lacks: | v0.1 | vehicles.vin |",
            edited("governance/pii_policy.md", r"^\| v0.1 \| vehicles\.vin .*\n", ""),
        ),
        (
            "policy-table-is-that-of-the-contracts",
            "should not say: | v0.1 | persons.driver_license_number | driver-license | never-real",
            edited(
                "governance/pii_policy.md",
                r"driver-license \| format-only",
                "driver-license | never-real",
            ),
        ),
        (
            "policy-table-is-that-of-the-contracts",
            "the policy should not say: | v0.1 | persons.ssn |",
            edited(
                "governance/pii_policy.md",
                r"^(\| v0.1 \| persons\.)person_id(.*\n)",
                r"\g<0>\1ssn\2",
            ),
        ),
        (
            "decisions-are-numbered-and-indexed",
            "without a gap",
            in_copy(lambda root: next((root / "governance/decisions").glob("0005-*")).unlink()),
        ),
        (
            "decisions-are-numbered-and-indexed",
            "the index does not have 0013",
            edited("governance/decisions/README.md", r"^\| \[0013\].*\n", ""),
        ),
        (
            "decisions-are-numbered-and-indexed",
            "lacks its number, context, decision, consequence or date",
            edited(
                "governance/decisions/0014-flask-on-waitress.md", r"\*\*Consequence\.\*\*", "So:"
            ),
        ),
        (
            "decisions-are-numbered-and-indexed",
            "0014-flask-on-waitress.md does not end with a date",
            edited("governance/decisions/0014-flask-on-waitress.md", "^(.*Date.*) .*$", r"\1 soon"),
        ),
        (
            "decisions-are-numbered-and-indexed",
            "does not name its successor",
            edited("governance/decisions/README.md", "in force", "superseded by 0020"),
        ),
        (
            "assumptions-are-numbered",
            "names A-05",
            edited("governance/assumptions.md", r"^\*\*A-05 (.*)", r"**A-15 \1 A-05"),
        ),
        (
            "no-stop-is-open",
            "row 1 of the log is not complete",
            edited(
                "governance/violation_log.md",
                r"^(\| --- .*)$",
                r"\1\n| 1 | x | x | x | x | x | x | |",
            ),
        ),
        (
            "pages-are-indexed",
            "the index lacks new_page.md",
            in_copy(lambda root: (root / "governance/new_page.md").write_text("# New\n\nPage.\n")),
        ),
        (
            "pages-are-indexed",
            "test_that_is_not_there.py",
            edited("governance/README.md", "test_risk_rating.py", "test_that_is_not_there.py"),
        ),
        (
            "prompts-tasks-and-critics-are-indexed",
            "mop.md does not link tasks/new_format.md",
            in_copy(lambda root: (root / "agentic/tasks/new_format.md").write_text("# New\n")),
        ),
        (
            "prompts-tasks-and-critics-are-indexed",
            "links nowhere.md",
            edited("agentic/prompts/api.md", r"\.\./critic/api\.md", "nowhere.md"),
        ),
        (
            "tasks-and-prompts-have-their-form",
            "tasks/api_change.md is not",
            edited("agentic/tasks/api_change.md", "^## Validate$", "## Hope"),
        ),
        (
            "tasks-and-prompts-have-their-form",
            "prompts/cli.md is not",
            edited("agentic/prompts/cli.md", "^## Rules$", "## Advice"),
        ),
        (
            "named-commands-exist",
            "there is no target gold",
            edited("agentic/tasks/generator_change.md", "^make golden$", "make gold"),
        ),
        (
            "named-commands-exist",
            "esdh-cli verify-snapshot has no option --regen",
            edited("agentic/tasks/full_pipeline.md", r"--regenerate\b", "--regen"),
        ),
        (
            "named-commands-exist",
            "esdh-api has no command open-api",
            edited("agentic/tasks/api_change.md", "esdh-api openapi", "esdh-api open-api"),
        ),
        (
            "named-commands-exist",
            "there is no file agentic/validators/run_some.py",
            edited("agentic/mop.md", r"run_all\.py", "run_some.py"),
        ),
        (
            "named-commands-exist",
            "README.md: there is no target snapshto",
            edited("README.md", "^make snapshot$", "make snapshto"),
        ),
        (
            "named-commands-exist",
            "docs/releasing.md: there is no target release-chekc",
            edited("docs/releasing.md", "make release-check TAG", "make release-chekc TAG"),
        ),
        (
            "named-commands-exist",
            "README.md: GET /generate/bundle has no parameter recrods",
            edited("README.md", r"bundle\?records=5", "bundle?recrods=5"),
        ),
        (
            "named-commands-exist",
            "README.md: the service has no route GET /demmo",
            edited("README.md", r"(127\.0\.0\.1:5000)/demo", r"\1/demmo"),
        ),
        (
            "links-lead-somewhere",
            "README.md: there is no docs/nowhere.md",
            edited("README.md", r"\(docs/api\.md\)", "(docs/nowhere.md)"),
        ),
        (
            "links-lead-somewhere",
            "docs/api.md: api.md has no heading for #nowhere",
            edited("docs/api.md", r"\(#generate\)", "(#nowhere)"),
        ),
        (
            "licences-are-named",
            "should not say: waitress | MIT | esdh-api",
            edited("governance/third_party_licences.md", r"ZPL 2\.1", "MIT"),
        ),
        (
            "licences-are-named",
            "lacks: blake3",
            edited("packages/esdh-models/pyproject.toml", r'"pyarrow>=', r'"blake3", "pyarrow>='),
        ),
        (
            "packages-can-be-released",
            "the changelog of esdh-cli does not name 0.1.0",
            edited("packages/esdh-cli/CHANGELOG.md", r"\[0\.1\.0\]", "[0.0.9]"),
        ),
        (
            "packages-can-be-released",
            "esdh-api does not take esdh-models 0.2.0",
            edited("packages/esdh-models/pyproject.toml", 'version = "0.1.0"', 'version = "0.2.0"'),
        ),
        *(
            (
                "no-text-that-must-not-be-here",
                f"governance/notes.md line 2 holds {what}",
                in_copy(
                    lambda root, words=words: (root / "governance/notes.md").write_text(
                        "# Notes\nit is " + "".join(words) + " indeed\n"
                    )
                ),
            )
            for what, words in {
                "a package registry": ("pypi", ".org"),
                "a path of a machine": ("/ho", "me/alex/data"),
                "a private key": ("-----BEGIN RSA ", "PRIVATE KEY-----"),
                "a token": ("AKIA", "ABCDEFGHIJKLMNOP"),
                "an e-mail address": ("alex", "@", "mail.org"),
                "a social security number": ("987-65", "-4321"),
            }.items()
        ),
    ],
}
