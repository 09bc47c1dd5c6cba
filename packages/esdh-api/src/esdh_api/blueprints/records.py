"""`/records/{id}`: one record with its relatives, without making the rest."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, request

from esdh_models import dataset_request, errors

from ..request_parameters import RANDOM, Bounds, ask_dataset, read_parameters

PARAMETERS: Final = ("seed", "records", "dataset_version")

_BOUNDS: Final = Bounds(dataset_request.MAXIMUM_RECORDS)

blueprint = Blueprint("records", __name__)


@blueprint.get("/records/<record_id>")
def record(record_id: str) -> dict[str, Any]:
    """The record, the other rows of its policyholder, and the dataset they are of."""
    values = read_parameters(request, PARAMETERS)
    if values.get("seed", RANDOM) == RANDOM:
        raise errors.InvalidRequestError(
            "seed must be the whole number that the record's dataset was made from,"
            " such as ?seed=20251101"
        )
    values.setdefault("records", _BOUNDS.maximum)
    return ask_dataset(values, None, _BOUNDS).dataset.record_document(record_id)
