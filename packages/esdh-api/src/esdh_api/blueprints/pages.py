"""`/demo`, `/docs` and `/openapi.json`: what the service is, for people and for programs.

Links to a page often get parameters on their way between people; pages pass over them.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from esdh_models import LATEST_CONTRACT_VERSION, dataset_request, get_contract

from ..auth import refuse_key_in
from ..extension import extension
from ..manual import follow, sections
from ..openapi import openapi_document as describe
from ..problem_responses import PROBLEMS, RefusedError
from ..request_parameters import read_parameters
from .generate import kinds

_LONGEST_HOST: Final = 255
"""A name with its port; without a bound, every header could guess a thousand keys."""

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> Response:
    """The demo is where to begin."""
    return redirect(url_for(".demo"))


@blueprint.get("/openapi.json")
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the service as it runs."""
    read_parameters(request, ())
    return describe(extension(current_app).settings)


@blueprint.get("/docs")
def docs() -> str:
    """The same document as a page, with the address that the caller used."""
    own = extension(current_app)
    if len(request.host) > _LONGEST_HOST:
        raise RefusedError("bad-request", f"Host has more than {_LONGEST_HOST} characters")
    refuse_key_in(own.keys, request.host)
    document = describe(own.settings)
    return render_template(
        "docs.html",
        document=document,
        sections=sections(document),
        problems=PROBLEMS,
        follow=partial(follow, document),
        origin=request.host_url.rstrip("/"),
    )


@blueprint.get("/demo")
def demo() -> str:
    """A page for people, empty of data until it asks for some."""
    own = extension(current_app)
    return render_template(
        "demo.html",
        needs_key=bool(own.keys),
        kinds=kinds(),
        contract=get_contract(LATEST_CONTRACT_VERSION),
        settings=own.settings,
        maximum_seed=dataset_request.MAXIMUM_SEED,
    )
