"""Text that must be in no file of the repository: secrets, persons, machines, registries."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

FORBIDDEN: Final[Mapping[str, re.Pattern[str]]] = {
    "a package registry": re.compile(r"(?:p[y]pi|p[y]thonhosted|n[p]mjs|crates)\.(?:org|com|io)\b"),
    "a path of a machine": re.compile(
        r"/(?<![\w.*}-]/)(?:home|Users|root|work)/\w|:\\(?<=\b[A-Z]:\\)Users\\"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a token": re.compile(r"AKIA[0-9A-Z]{16}\b|gh[oprsu]_[0-9A-Za-z]{36}\b|glpat-[\w-]{20}"),
    "an e-mail address": re.compile(
        r"@(?<=[\w+.-]@)(?!(?:[\w-]+\.)*(?:example(?:\.(?:com|net|org))?|invalid|localhost|test)\b)"
        r"(?:[\w-]+\.)+[A-Za-z]{2,}\b"
    ),
    "a social security number": re.compile(
        r"-(?<=(?<![\w-])\d{3}-)\d{2}-\d{4}(?![\w-])",
    ),
}
"""What is looked for, each from a rare character on, so that megabytes take no time.

No pattern matches itself, so this file needs no exemption.
"""

EXEMPT: Final = frozenset({"uv.lock"})
"""The lock says where packages come from; that is its purpose."""

_NOT_SOURCES: Final = re.compile(r"(^|/)(\.|__pycache__/)|^(data/(snapshots|demo_runs)|dist)/")
"""Hidden files, and what `.gitignore` names."""


def forbidden_text_problems(root: Path) -> Iterator[str]:
    """Where something stands that must not; what it is, but not the text itself."""
    for name in text_file_names(root):
        try:
            text = (root / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for what, pattern in FORBIDDEN.items():
            for match in pattern.finditer(text):
                yield f"{name} line {text.count(chr(10), 0, match.start()) + 1} holds {what}"


def text_file_names(root: Path) -> list[str]:
    """Names of the files that are or would be committed, relative to the root."""
    names = _names_from_git(root) if (root / ".git").exists() else _names_from_disk(root)
    return sorted(set(names) - EXEMPT)


def _names_from_git(root: Path) -> list[str]:
    git = shutil.which("git")
    if git is None:
        return _names_from_disk(root)
    listed = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\0").split("\0")


def _names_from_disk(root: Path) -> list[str]:
    """Everything that looks like a source, for a tree that is no checkout."""
    names = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return [name for name in names if not _NOT_SOURCES.search(name)]
