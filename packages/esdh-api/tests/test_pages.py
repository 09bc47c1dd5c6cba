"""`/demo` and `/docs`: open, empty of data, and true to the OpenAPI document."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from importlib import resources
from typing import Any

import pytest
from flask.testing import FlaskClient

from esdh_api import Settings, create_app
from esdh_api.blueprints import pages
from esdh_api.problem_responses import PROBLEMS

KEY = "a-key-that-no-page-may-tell"
PAGES = ("/demo", "/docs")
STATIC = resources.files("esdh_api") / "static"
ASSETS = sorted(asset.name for asset in STATIC.iterdir())
IDENTIFYING = ("person_id", "vin", "address_line_1", "driver_license_number")
VOID = {"br", "hr", "img", "input", "link", "meta"}


class Page(HTMLParser):
    """The elements of a page and the text within each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open; it must be of this kind."""
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        """Keep text with everything that it stands in."""
        for _, _, texts in self._open:
            texts.append(data)

    def values(self, attribute: str) -> list[str]:
        """The values of an attribute, wherever it stands."""
        return [facts[attribute] or "" for _, facts, _ in self.elements if attribute in facts]

    def texts(self, tag: str, **wanted: str) -> list[str]:
        """The text within each element of a kind."""
        return [
            "".join(texts)
            for found, facts, texts in self.elements
            if found == tag and wanted.items() <= facts.items()
        ]


@pytest.fixture(scope="module", params=["without a key", "with a key"])
def client(request: pytest.FixtureRequest) -> FlaskClient:
    """A client that sends no key to a service that has none, and to one that has."""
    keys = (KEY,) if request.param == "with a key" else ()
    return create_app(Settings.parse(api_keys=keys)).test_client()


@pytest.fixture(scope="module")
def keyed() -> FlaskClient:
    """A client that sends no key to a service that has one."""
    return create_app(Settings.parse(api_keys=(KEY,))).test_client()


@pytest.fixture(scope="module")
def unkeyed() -> FlaskClient:
    """A client of a service without a key."""
    return create_app(Settings()).test_client()


@pytest.fixture(scope="module")
def docs(client: FlaskClient) -> str:
    """The page of the documentation."""
    return client.get("/docs").text


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_open(client: FlaskClient, path: str) -> None:
    """Nobody needs a key to see a page, and no page is kept."""
    response = client.get(path)

    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"


def test_the_address_without_a_path_leads_to_the_demo(client: FlaskClient) -> None:
    """Whoever opens the service in a browser comes to the demo, without a key."""
    response = client.get("/")

    assert (response.status_code, response.headers["Location"]) == (302, "/demo")


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_data_and_no_key(unkeyed: FlaskClient, keyed: FlaskClient, path: str) -> None:
    """No identifier, VIN or address of the default dataset stands in a page, and no key."""
    answer = unkeyed.get("/generate/bundle").get_json()
    rows = [row for table in answer["metadata"]["tables"] for row in answer[table]]
    example = re.search(r"/records/([0-9a-f-]+)\?", unkeyed.get("/docs").text)
    assert example is not None
    values = {row[name] for row in rows for name in IDENTIFYING if name in row}
    values.discard(example[1])  # the document's own example of an identifier
    text = keyed.get(path).text

    assert len(values) > 700
    assert [value for value in values if value in text] == []
    assert KEY not in text


@pytest.mark.parametrize("path", PAGES)
def test_pages_keep_to_the_content_security_policy(client: FlaskClient, path: str) -> None:
    """No script, style or handler stands in the page, and nothing comes from another host."""
    response = client.get(path)
    page = Page(response.text)

    assert page.texts("script") == [""] * len(page.texts("script"))
    assert page.texts("style") == []
    assert page.values("style") == []
    assert [name for _, facts, _ in page.elements for name in facts if name.startswith("on")] == []
    addresses = [*page.values("src"), *page.values("href"), *page.values("action")]
    assert [address for address in addresses if not re.match(r"#|/(?!/)", address)] == []
    assert "'unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ASSETS)
def test_static_files_are_open_and_name_no_other_host(keyed: FlaskClient, name: str) -> None:
    """Every script, sheet and drawing is served without a key, typed, and needs only this host."""
    types = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
    with keyed.get(f"/static/{name}") as response:
        text = response.text

    assert response.status_code == 200
    assert response.mimetype == types[name.rpartition(".")[2]]
    assert "ETag" in response.headers
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []
    for imported in re.findall(r'from "\./([a-z]+\.js)"', text):
        assert imported in ASSETS
    assert re.search(r"localStorage|sessionStorage|document\.cookie|innerHTML", text) is None


def test_the_key_field_is_there_where_a_key_is_set(
    unkeyed: FlaskClient, keyed: FlaskClient
) -> None:
    """A service without a key asks for none; the field has no name, so no form can send it."""
    fields = [
        [
            facts
            for tag, facts, _ in Page(client.get("/demo").text).elements
            if facts.get("id") == "key"
        ]
        for client in (unkeyed, keyed)
    ]

    assert fields[0] == []
    assert [field["type"] for field in fields[1]] == ["password"]
    assert "name" not in fields[1][0]


def test_the_demo_says_what_it_needs_without_javascript(client: FlaskClient) -> None:
    """Until the script runs there is a notice, and nothing that could be sent."""
    page = Page(client.get("/demo").text)
    buttons = [facts for tag, facts, _ in page.elements if tag == "button"]

    assert "needs JavaScript" in page.texts("noscript")[0]
    assert [button["id"] for button in buttons if "disabled" in button] == ["generate"]


def test_every_field_of_the_demo_has_a_label(keyed: FlaskClient) -> None:
    """What a field is for is told to those who cannot see it."""
    text = keyed.get("/demo").text
    page = Page(text)
    labelled = set(page.values("for"))
    wrapped = "".join(re.findall(r"<label.*?</label>", text, re.DOTALL))

    for tag, facts, _ in page.elements:
        if tag == "input" and facts.get("id") not in labelled:
            assert (
                f'value="{facts.get("value")}"' in wrapped or f'id="{facts.get("id")}"' in wrapped
            )


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_one_heading_and_their_landmarks(client: FlaskClient, path: str) -> None:
    """A screen reader finds language, banner, navigation, main part and foot, each once."""
    page = Page(client.get(path).text)
    tags = [tag for tag, _, _ in page.elements]

    assert [tags.count(tag) for tag in ("h1", "header", "main", "footer")] == [1, 1, 1, 1]
    assert page.values("lang") == ["en"]
    assert "nav" in tags


@pytest.mark.parametrize("path", PAGES)
def test_links_within_a_page_lead_somewhere(client: FlaskClient, path: str) -> None:
    """Every `#name` is the id of one element."""
    page = Page(client.get(path).text)
    ids = page.values("id")

    assert len(ids) == len(set(ids))
    links = {address[1:] for address in page.values("href") if address.startswith("#")}
    assert links - set(ids) == set()
    for attribute in ("for", "aria-labelledby", "aria-describedby"):
        assert {name for value in page.values(attribute) for name in value.split()} <= set(ids)


def test_docs_list_every_operation(client: FlaskClient) -> None:
    """Method, path, parameters, statuses and media types of the OpenAPI document are all there."""
    document = client.get("/openapi.json").get_json()
    text = client.get("/docs").text
    told = [name for operations in document["paths"].values() for name in operations.values()]

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            section = section_of(text, operation["operationId"])
            assert f">{method.upper()}</span>" in section
            assert f"<code>{path}</code></h3>" in section
            assert html.escape(operation["summary"]) in section
            for parameter in operation.get("parameters", []):
                name = follow(document, parameter)["name"]
                assert f"<code>{name}</code>" in section
            body = operation.get("requestBody", {}).get("content", {})
            for content in body.values():
                assert all(
                    f"<code>{name}</code>" in section for name in content["schema"]["properties"]
                )
            for status, answer in operation["responses"].items():
                assert f">{status}</span>" in section
                assert all(name in section for name in follow(document, answer).get("content", {}))
    assert len(told) == len({operation["operationId"] for operation in told})


def test_docs_tell_a_get_and_its_post_once(client: FlaskClient) -> None:
    """An address has one section: an example for each method, and where they differ, which."""
    document = client.get("/openapi.json").get_json()
    sections = len(document["paths"]) + len(document["components"]["schemas"])
    text = client.get("/docs").text

    assert text.count('<section class="operation" id="') == sections
    for kind in ("person", "vehicle", "profile", "bundle"):
        section = section_of(text, f"generate_{kind}")
        assert section == section_of(text, f"get_{kind}")
        assert len(Page(section).texts("code", **{"class": "example"})) == 2
        assert section.count('<th scope="row"><code>records</code></th>') == 1
        assert re.search(r"<code>seed</code></th>\s*<td>query of GET, body of POST</td>", section)
        assert re.search(r"<code>If-None-Match</code></th>\s*<td>header of GET</td>", section)
        assert re.search(r"<code>X-Request-ID</code></th>\s*<td>header</td>", section)
        assert re.search(r'>304</span> <span class="only">GET only</span>', section)
        assert re.search(r'>415</span> <span class="only">POST only</span>', section)
        assert re.search(r">ETag</a> <span[^>]*>GET only</span>", section)
        assert re.search(r">ESDH-Seed</a>,", section)


def test_long_limits_are_written_for_people(keyed: FlaskClient) -> None:
    """Limits have separators on the pages, and none in the OpenAPI document."""
    plain, readable = "18446744073709551615", "18,446,744,073,709,551,615"

    for path in PAGES:
        text = keyed.get(path).text
        assert readable in text
        assert "10,000" in text
        assert re.findall(r"(?:from|to|most|at least) \d{5,}", text) == []
        assert plain not in text
    assert plain in keyed.get("/openapi.json").text


def test_the_demo_asks_for_the_key_first(keyed: FlaskClient) -> None:
    """Where a key is needed, the form says so before anything else and begins with its field."""
    form = re.search(r"<form.*?</form>", keyed.get("/demo").text, re.DOTALL)
    assert form is not None
    page = Page(form[0])

    assert page.texts("h2") == ["This service needs a key", "Ask for a dataset"]
    assert next(facts["id"] for tag, facts, _ in page.elements if tag == "input") == "key"


def test_plain_words_are_for_problems_that_exist() -> None:
    """What the demo says of a code is about one of the service's codes, or of its own three."""
    script = (STATIC / "problems.js").read_text()
    table = re.search(r"const PLAIN = \{(.*?)\n\};", script, re.DOTALL)
    assert table is not None
    codes = set(re.findall(r'^  "([a-z-]+)":', table[1], re.MULTILINE))

    assert codes - set(PROBLEMS) == {"missing-key", "odd-key", "unreachable"}
    assert {"unauthorized", "rate-limited", "busy", "internal"} <= codes


def test_docs_list_every_schema_with_its_parts(client: FlaskClient) -> None:
    """Each column of a row is there with its description."""
    schemas = client.get("/openapi.json").get_json()["components"]["schemas"]
    text = client.get("/docs").text

    assert {"Person", "Vehicle", "Profile"} <= set(schemas)
    for name, schema in schemas.items():
        section = section_of(text, f"schema-{name}")
        for column, facts in schema.get("properties", {}).items():
            assert f"<code>{column}</code>" in section
            assert html.escape(facts.get("description", ""), quote=False) in html.unescape(section)


@pytest.mark.parametrize("code", PROBLEMS)
def test_docs_explain_every_problem(docs: str, code: str) -> None:
    """The `type` of every problem document leads to its line."""
    status, title = PROBLEMS[code]
    line = re.search(rf'<div id="problem-{code}">(.*?)</div>', docs, re.DOTALL)

    assert line is not None
    assert f">{status}<" in line[1]
    assert title in html.unescape(line[1])


def test_examples_of_the_docs_answer(keyed: FlaskClient) -> None:
    """Every example is a curl that this service answers with 200, once the key is filled in."""
    page = Page(keyed.get("/docs").text)
    document = keyed.get("/openapi.json").get_json()
    examples = page.texts("code", **{"class": "example"})

    for example in examples:
        address, method, headers, body = read_curl(example)
        response = keyed.open(address, method=method, headers=headers, data=body)
        assert response.status_code == 200, example
    assert len(examples) == sum(map(len, document["paths"].values()))


def test_examples_name_the_key_only_where_it_is_needed(
    unkeyed: FlaskClient, keyed: FlaskClient
) -> None:
    """A curl holds the variable of the key, and only for what is not open."""
    with_key, without_key = (client.get("/docs").text for client in (keyed, unkeyed))
    open_examples = [
        example
        for example in Page(with_key).texts("code", **{"class": "example"})
        if "$ESDH_API_KEY" not in example
    ]

    paths = [example.rpartition("localhost")[2].rstrip('"') for example in open_examples]
    assert paths == ["/healthz", "/readyz", "/openapi.json", "/docs", "/demo"]
    assert "$ESDH_API_KEY" not in without_key


def test_what_the_document_says_cannot_become_markup(
    unkeyed: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Templates escape: titles, names, descriptions and examples are text."""
    hostile = "<script>alert(1)</script>\"'"
    document = dict(pages.describe(Settings()))
    parameter = {"name": hostile, "in": "query", "schema": {"type": "string", "enum": [hostile]}}
    operation = {
        "tags": ["service"],
        "operationId": hostile,
        "summary": hostile,
        "description": hostile,
        "parameters": [{**parameter, "required": True, "description": hostile}],
        "responses": {"200": {"description": hostile, "content": {hostile: {}}}},
    }
    document["paths"] = {f"/{hostile}": {"get": operation}}
    document["info"] = {**document["info"], "title": hostile, "description": hostile}
    monkeypatch.setattr(pages, "describe", lambda _: document)
    text = unkeyed.get("/docs").text

    assert hostile not in text
    assert Page(text).texts("script") == [""]
    assert Page(text).values("src") == ["/static/docs.js", "/static/mark.svg"]
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_contrast(scheme: str) -> None:
    """Text has 4.5 to 1 against what it stands on, marks have 3 to 1 (WCAG AA)."""
    colours = colours_of(scheme)
    texts = [
        *((text, ground) for text in ("ink", "muted") for ground in ("page", "surface", "sunken")),
        *((text, "surface") for text in ("accent", "accent-strong", "seed", "danger")),
        *((text, "sunken") for text in ("accent", "accent-strong")),
        *(("ink", f"{name}-ground") for name in ("low", "medium", "high", "danger")),
        *(
            (text, ground)
            for text in ("band-ink", "band-muted")
            for ground in ("band", "band-deep")
        ),
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("accent", "page"),
    ]
    marks = [
        *((name, "surface") for name in ("mark", "mark-2", "mark-3", "line-strong", "focus")),
        ("focus", "page"),
    ]

    assert {
        pair: contrast(colours, *pair) for pair in texts if contrast(colours, *pair) < 4.5
    } == {}
    assert {pair: contrast(colours, *pair) for pair in marks if contrast(colours, *pair) < 3} == {}


def follow(document: Mapping[str, Any], part: Mapping[str, Any]) -> Any:
    """A part of a document, or what it refers to."""
    found: Any = document
    if "$ref" not in part:
        return part
    for name in part["$ref"][2:].split("/"):
        found = found[name]
    return found


def section_of(text: str, name: str) -> str:
    """The markup of the section with an id, or with a part of that id."""
    sections = re.findall(r'<section class="operation".*?</section>', text, re.DOTALL)
    (found,) = (section for section in sections if f' id="{name}"' in section)
    return str(found)


def read_curl(command: str) -> tuple[str, str, dict[str, str], str | None]:
    """Address, method, headers and body of a curl command line."""
    words = iter(shlex.split(command.replace("$ESDH_API_KEY", KEY)))
    assert next(words) == "curl"
    headers, body, address = {}, None, ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        else:
            address = word
    assert address.startswith("http://localhost/")
    return address, "GET" if body is None else "POST", headers, body


def colours_of(scheme: str) -> dict[str, tuple[float, ...]]:
    """The colours of a scheme, as red, green and blue from 0 to 1."""
    blocks = re.findall(r":root \{(.*?)\}", (STATIC / "style.css").read_text(), re.DOTALL)
    text = blocks[0] if scheme == "light" else "".join(blocks)
    return {
        name: tuple(channels(code)) for name, code in re.findall(r"--([a-z0-9-]+): (#\w{6});", text)
    }


def channels(code: str) -> Iterator[float]:
    """Red, green and blue of a colour such as `#12252b`."""
    for start in (1, 3, 5):
        yield int(code[start : start + 2], 16) / 255


def contrast(colours: Mapping[str, tuple[float, ...]], text: str, ground: str) -> float:
    """The contrast ratio of WCAG 2.2."""

    def luminance(colour: tuple[float, ...]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(colours[text]), luminance(colours[ground])))
    return (light + 0.05) / (dark + 0.05)
