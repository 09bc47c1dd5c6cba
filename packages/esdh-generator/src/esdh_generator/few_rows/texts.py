"""The texts of the reference tables as lists, from which one is taken at a fraction of the cost."""

from __future__ import annotations

import functools

import pyarrow as pa

from ..reference_tables import (
    load_first_names,
    load_locations,
    load_streets,
    load_surnames,
    load_vehicle_models,
)


def _listed(texts: pa.StringArray) -> list[str]:
    listed: list[str] = texts.to_numpy(zero_copy_only=False).tolist()  # quicker than to_pylist
    return listed


@functools.cache
def first_names() -> list[str]:
    """Given names."""
    return _listed(load_first_names().names)


@functools.cache
def surnames() -> list[str]:
    """Family names."""
    return _listed(load_surnames().names)


@functools.cache
def states() -> list[str]:
    """States by their codes."""
    return _listed(load_locations().states)


@functools.cache
def cities() -> list[str]:
    """Places by their codes."""
    return _listed(load_locations().cities)


@functools.cache
def postal_codes() -> list[str]:
    """ZIP codes by location."""
    return _listed(load_locations().postal_codes)


@functools.cache
def streets() -> list[str]:
    """Streets with their suffixes."""
    return _listed(load_streets())


@functools.cache
def makes() -> list[str]:
    """Brands by their codes."""
    return _listed(load_vehicle_models().makes)


@functools.cache
def models() -> list[str]:
    """Models by their codes."""
    return _listed(load_vehicle_models().models)


@functools.cache
def summaries() -> list[str]:
    """Model year, make and model by row of the catalogue."""
    return _listed(load_vehicle_models().summaries)
