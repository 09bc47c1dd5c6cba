"""`/demo`, `/docs` and `/openapi.json`: what the service is, for people and for programs."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from esdh_models import LATEST_CONTRACT_VERSION, dataset_request, get_contract

from ..extension import extension
from ..manual import follow, sections
from ..openapi import openapi_document as describe
from ..problem_responses import PROBLEMS
from .generate import kinds

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> Response:
    """The demo is where to begin."""
    return redirect(url_for(".demo"))


@blueprint.get("/openapi.json")
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the service as it runs."""
    return describe(extension(current_app).settings)


@blueprint.get("/docs")
def docs() -> str:
    """The same document as a page."""
    document = describe(extension(current_app).settings)
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
