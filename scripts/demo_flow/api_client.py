"""Asking a service of the hub for JSON."""

from __future__ import annotations

import http.client
import json
import os
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from esdh_models import errors

from .failure import StepError, service_advice

_ANSWER_SECONDS: Final = 60
_HTTP_PORT: Final = 80
_IS_IT_OURS: Final = "see that it is the service of this release, esdh-api serve"


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A service that listens somewhere."""

    host: str
    port: int

    @classmethod
    def at(cls, url: str) -> Self:
        """The service of an address; raises `InvalidRequestError` for what is not asked so."""
        try:
            parts = urlsplit(url)
            rest = (parts.username, parts.query, parts.fragment, parts.path.strip("/"))
            if parts.scheme == "http" and parts.hostname and not any(rest):
                return cls(parts.hostname, _HTTP_PORT if parts.port is None else parts.port)
        except ValueError:
            pass
        raise errors.InvalidRequestError(
            f"the address of a service looks like http://127.0.0.1:5000, but got {url[:60]!a}"
        )

    @property
    def url(self) -> str:
        """Where it is."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request for a JSON object; raises `StepError` for any answer but that with 200."""
        status, content = self._exchange(method, path, body)
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            reason = f"{self.url}{path} answered {status} without a JSON object"
            raise StepError(reason, _IS_IT_OURS)
        if status != http.client.OK:
            detail = answer.get("detail", "no reason given")
            reason = f"{self.url}{path} answered {status}: {detail}"
            raise StepError(reason, service_advice(_IS_IT_OURS))
        return answer

    def _exchange(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=_ANSWER_SECONDS)
        text = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        if key := os.environ.get("ESDH_API_KEY", "").split(",")[0].strip():
            headers["X-API-Key"] = key
        try:
            connection.request(method, path, text, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            reason = f"{self.url}{path} gave no answer: {said}"
            raise StepError(reason, "see that a service runs there") from None
        finally:
            connection.close()
