"""Writes one table to any file that takes bytes: a pipe, a response, a file of the caller's."""

from __future__ import annotations

import tempfile
from pathlib import Path

from esdh_models import DatasetSource, errors

from .formats import get_format
from .formats.part import Part
from .hashing_file import Sink
from .leaves import iter_source_leaves
from .progress import Steps


def write_table(
    source: DatasetSource,
    table: str,
    format_name: str,
    file: Sink,
    *,
    progress: Steps = lambda _: None,
) -> None:
    """Write all rows of `table` to `file` in flat memory, with nothing around them.

    Raises `UnknownNameError` for a table that the source was not asked for or a format that does
    not exist, `InvalidRequestError` for a format that only holds whole datasets, and `OSError`.
    """
    format_module = get_format(format_name)
    if table not in source.request.tables:
        raise errors.UnknownNameError("entity", table, source.request.tables)
    if format_module.BUNDLED:
        raise errors.InvalidRequestError(
            f"{format_name} holds whole datasets, not one table; choose csv, ndjson or parquet"
        )
    whole = Part(
        contract=source.contract,
        request=source.request,
        number=0,
        count=1,
        start=0,
        stop=source.owner_count,
        folder=Path(tempfile.gettempdir()),
    )
    writer = format_module.open_writer(file, (source.contract.table(table),), whole)
    for owners, leaves in iter_source_leaves(source, 0, source.owner_count):
        writer.write(leaves[table])
        progress(owners)
    writer.close()
