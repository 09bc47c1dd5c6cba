"""`/generate/...`: tables of a dataset, by POST or by GET."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, current_app, g

from esdh_models import LATEST_CONTRACT_VERSION, get_contract

from ..answers import JSON, STREAMED, choose_media_type, content_type, etag, json_answer
from ..current_request import current_request
from ..extension import extension
from ..request_parameters import Asked, Bounds, ask_dataset, read_parameters
from ..settings import Settings
from ..streams import LARGE_RECORDS, Stream

BUNDLE: Final = "bundle"

blueprint = Blueprint("generate", __name__, url_prefix="/generate")


def kinds() -> Mapping[str, tuple[str, ...]]:
    """What can be asked for, and the tables it stands for: `person` for `persons`, and so on."""
    contract = get_contract(LATEST_CONTRACT_VERSION)
    singles = {table.row_model.__name__.lower(): (table.name,) for table in contract.tables}
    return {**singles, BUNDLE: contract.table_names}


def _generate(tables: tuple[str, ...]) -> Response:
    own, request = extension(current_app), current_request()
    media_type = choose_media_type(request, len(tables))
    asked = ask_dataset(read_parameters(request), tables, _bounds(own.settings, media_type))
    headers = _headers(request.method, asked, media_type)
    if "ETag" in headers and request.if_none_match.contains_weak(headers["ETag"].strip('"')):
        return Response(status=304, headers=headers)
    if media_type == JSON:
        if asked.dataset.owner_count > LARGE_RECORDS:
            own.stream_slots.hold()
        body = json_answer(asked.dataset)
        own.metrics.records.labels(media_type).inc(asked.dataset.owner_count)
        return Response(body, headers=headers, content_type=JSON)
    if request.method == "HEAD":  # an iterator, since its length is not told as 0
        return Response(iter(()), headers=headers, content_type=content_type(media_type))
    release = None
    if asked.dataset.owner_count > LARGE_RECORDS:
        own.stream_slots.take()
        release = own.stream_slots.release
    own.metrics.records.labels(media_type).inc(asked.dataset.owner_count)
    g.stream = Stream(STREAMED[media_type](asked.dataset), release)
    return Response(g.stream, headers=headers, content_type=content_type(media_type))


def _bounds(settings: Settings, media_type: str) -> Bounds:
    in_stream = f"{settings.max_stream_records} in a stream"
    if media_type == JSON:
        return Bounds(settings.max_records, f" in a JSON answer ({in_stream})")
    return Bounds(settings.max_stream_records, " in a stream")


def _headers(method: str, asked: Asked, media_type: str) -> dict[str, str]:
    """What the rows are, for answers that hold nothing but rows, and how long they are true."""
    headers = {
        "ESDH-Seed": str(asked.dataset.request.identity.seed),
        "ESDH-Request-Digest": asked.dataset.request.digest,
        "ESDH-Record-Count": str(asked.dataset.owner_count),
        "Vary": "Accept",
    }
    if method == "POST" or asked.is_drawn:
        return {**headers, "Cache-Control": "no-store"}
    return {
        **headers,
        "ETag": f'"{etag(asked.dataset, media_type)}"',
        "Cache-Control": "private, no-cache",
    }


for _kind, _tables in kinds().items():
    blueprint.add_url_rule(
        f"/{_kind}",
        _kind,
        _generate,
        methods=["GET", "POST"],
        defaults={"tables": _tables},
    )
