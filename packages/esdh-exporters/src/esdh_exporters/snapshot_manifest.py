"""Reads what a snapshot claims about itself, for those who need nothing else of it."""

from __future__ import annotations

import os

from esdh_models import errors, manifest

from .snapshot_files import open_directory
from .verify import read_manifest


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
