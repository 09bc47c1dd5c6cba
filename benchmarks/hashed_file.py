"""A file that is hashed while it is written: the least that both can be."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path


class HashedFile(io.RawIOBase):
    """Open for writing; whatever goes in goes through SHA-256 once and to the file once."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self._digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """Answer yes."""
        return True

    def tell(self) -> int:
        """Bytes so far."""
        return self.size

    def write(self, data: bytes) -> int:  # type: ignore[override]  # Buffer is Python 3.12
        """Hash and write all of `data`."""
        with memoryview(data).cast("B") as view:
            self._digest.update(view)
            written = 0
            while written < len(view):
                written += os.write(self._descriptor, view[written:])
            self.size += written
        return written

    def close(self) -> None:
        """Close once, however often it is asked."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()
