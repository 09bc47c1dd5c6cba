"""Reads what a snapshot claims about itself, for those who need nothing else of it."""

from __future__ import annotations

import os
import re
from typing import Final

from esdh_models import CONTRACT_VERSIONS, errors, manifest

from .snapshot_files import open_directory, open_regular_file, reading_problem

_READ_LIMIT: Final = 16 * 2**20 + 1
"""One byte more than a manifest may have."""


class NewerReleaseNeededError(errors.ManifestError):
    """A manifest of a contract version that this release does not know."""

    code = "newer-release-needed"


def load_snapshot_manifest(directory: str | os.PathLike[str]) -> manifest.Manifest:
    """The manifest of a snapshot, whose claims are not verified here.

    No other file is opened. Raises `ManifestError` where it cannot be used and `OSError` where
    the directory cannot be opened.
    """
    with open_directory(directory) as descriptor:
        return read_usable_manifest(descriptor, os.fspath(directory))


def read_usable_manifest(directory: int, name: str) -> manifest.Manifest:
    """The manifest of an open directory; raises `ManifestError`, which tells the name of it."""
    try:
        document, _ = read_manifest(directory)
    except errors.ManifestError as error:
        message = f"{manifest.MANIFEST_NAME} of {name} cannot be used: {error}"
        raise type(error)(message) from None
    return document


def read_manifest(directory: int) -> tuple[manifest.Manifest, bytes]:
    """The manifest of an open directory, parsed and as bytes; raises `ManifestError`."""
    try:
        with open_regular_file(directory, manifest.MANIFEST_NAME) as file:
            content = file.read(_READ_LIMIT)
    except FileNotFoundError:
        message = "there is none, so this is not a snapshot"
        raise errors.ManifestError(message) from None
    except OSError as error:
        raise errors.ManifestError(reading_problem(error)) from None
    try:
        return manifest.load_manifest(content), content
    except errors.ManifestError as error:
        _raise_if_newer(error.__context__)
        raise


def _raise_if_newer(cause: BaseException | None) -> None:
    """Tell a contract version that this release does not know from damage."""
    if not isinstance(cause, errors.UnknownNameError) or cause.allowed != CONTRACT_VERSIONS:
        return
    version = str(cause.given)
    if re.fullmatch(r"v[0-9]{1,4}\.[0-9]{1,4}", version, re.ASCII):
        raise NewerReleaseNeededError(
            f"it is of contract {version}, which this release does not know (it knows"
            f" {', '.join(CONTRACT_VERSIONS)}); install a newer esdh-cli"
        ) from None
