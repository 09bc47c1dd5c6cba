"""Reads what a snapshot claims about itself, for those who need nothing else of it."""

from __future__ import annotations

import os
from typing import Final

from esdh_models import errors, manifest

from .snapshot_files import NotARegularFileError, open_directory, open_regular_file

_READ_LIMIT: Final = 16 * 2**20 + 1
"""One byte more than a manifest may have."""


def load_snapshot_manifest(directory: str | os.PathLike[str]) -> manifest.Manifest:
    """The manifest of a snapshot, whose claims are not verified here.

    No other file is opened. Raises `ManifestError` where it cannot be used and `OSError` where
    the directory cannot be opened.
    """
    with open_directory(directory) as descriptor:
        try:
            document, _ = read_manifest(descriptor)
        except errors.ManifestError as error:
            message = f"{manifest.MANIFEST_NAME} of {os.fspath(directory)} cannot be used: {error}"
            raise errors.ManifestError(message) from None
    return document


def read_manifest(directory: int) -> tuple[manifest.Manifest, bytes]:
    """The manifest of an open directory, parsed and as bytes; raises `ManifestError`."""
    try:
        with open_regular_file(directory, manifest.MANIFEST_NAME) as file:
            content = file.read(_READ_LIMIT)
    except FileNotFoundError:
        message = "there is none, so this is not a snapshot"
        raise errors.ManifestError(message) from None
    except NotARegularFileError:
        message = "it is not a regular file"
        raise errors.ManifestError(message) from None
    except OSError as error:
        message = f"it cannot be read: {error.strerror}"
        raise errors.ManifestError(message) from None
    return manifest.load_manifest(content), content
