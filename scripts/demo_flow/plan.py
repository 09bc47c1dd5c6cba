"""What a run is asked to do, from its options and the configuration: checked before step 1."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from esdh_models import errors

from .committed_digests import get_committed_digest
from .configuration import DEFAULT_CONFIG, ROOT, Api, Profile, load_configuration
from .program import Parser, whole_number

RUNS: Final = ROOT / "data" / "demo_runs"
_MOST_WORKERS: Final = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: what it makes, and what must come out."""

    name: str
    profile: Profile
    api: Api
    port: int
    workers: int
    committed_digest: str | None
    is_interactive: bool
    has_smoke_tests: bool

    @classmethod
    def make(cls, options: argparse.Namespace) -> Self:
        """Hold options, configuration and committed digests together; raises `EsdhError`."""
        configuration = load_configuration(options.config)
        profile = configuration.profile(options.profile)
        if options.workers > profile.part_count:
            raise errors.InvalidRequestError(
                f"--workers {options.workers} is more than the profile {options.profile} has work"
                f" for: each process writes a file, and its {profile.records} records are"
                f" {profile.part_count}; choose --workers {profile.part_count} or --profile gate"
            )
        return cls(
            name=options.profile,
            profile=profile,
            api=configuration.api,
            port=options.port or configuration.api.port,
            workers=options.workers,
            committed_digest=get_committed_digest(options.profile, profile),
            is_interactive=options.interactive,
            has_smoke_tests=not options.skip_smoke,
        )


def parse_options(arguments: list[str], description: str) -> argparse.Namespace:
    """Read the command line; raises `InvalidRequestError`."""
    parser = Parser(
        prog="run_demo_flow.py",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add, port = parser.add_argument, whole_number(1, 65_535)
    add("--profile", default="baseline", help="a profile of the configuration")
    add("--config", type=Path, default=DEFAULT_CONFIG, help="config/demo.yaml")
    add("--runs", type=Path, default=RUNS, help="where runs are kept")
    add("--workers", type=whole_number(1, _MOST_WORKERS), default=1, help="processes that write")
    add("--port", type=port, help="instead of the one in the configuration")
    add("--interactive", action="store_true", help="wait before every step")
    add("--skip-smoke", action="store_true", help="leave the quick tests out")
    add("--info", action="store_true", help="print the profiles and end")
    add("--stop", action="store_true", help="end what a killed run left behind")
    return parser.parse_args(arguments)
