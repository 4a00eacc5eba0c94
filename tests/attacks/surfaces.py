"""Every address of every server of ours, each with a case; the attack list runs over all of them."""

from __future__ import annotations

from dataclasses import dataclass

Ask = tuple[str, str]  # method, template


@dataclass(frozen=True)
class Case:
    """One address as an attacker calls it.

    Attributes:
        path: an address under the template.
        is_open: answers somebody without a session or key.
        body: what an honest client would send.
        is_hidden: says to a stranger that nothing is there.
    """

    path: str
    is_open: bool = False
    body: bytes = b""
    content_type: str = "application/x-www-form-urlencoded"
    is_hidden: bool = False


def _gets(*paths: str, is_open: bool = False) -> dict[Ask, Case]:
    return {("GET", path): Case(path, is_open) for path in paths}


def _forms(*paths: str, body: bytes = b"case_id=1", is_open: bool = False) -> dict[Ask, Case]:
    return {("POST", path): Case(path, is_open, body) for path in paths}


DESK: dict[Ask, Case] = {
    ("GET", "/link/{secret}"): Case("/link/" + "x" * 43, is_open=True),
    ("GET", "/desk/{name}"): Case("/desk/settings.json"),
    ("GET", "/case/{case_id}/page/{number}"): Case("/case/1/page/1"),
    ("GET", "/take-out/snapshot/{name}"): Case("/take-out/snapshot/first"),
    ("GET", "/take-out/labels/{form}"): Case("/take-out/labels/csv"),
    ("GET", "/add/picture/{tag}"): Case("/add/picture/0123456789abcdef"),
    ("GET", "/assets/{path:path}"): Case("/assets/index.js"),
    ("GET", "/static/{path:path}"): Case("/static/img/logo.svg"),
    ("POST", "/event/{event_name}"): Case(
        "/event/open_next", body=b'{"data": [{}]}', content_type="application/json"
    ),
    ("POST", "/gradio_api/run/{api_name}"): Case(
        "/gradio_api/run/undo", body=b'{"data": [{}]}', content_type="application/json"
    ),
    **_gets("/sign-in", is_open=True),
    **_gets(
        "/", "/sign-out", "/favicon.ico", "/manifest.json", "/theme.css", "/quality", "/quality/agreement",
        "/quality/audit", "/quality/methods", "/quality/vigilance", "/records", "/queue",
        "/add", "/reading", "/take-out", "/take-out/api", "/set-up", "/set-up/checks", "/api/v1/progress",
        "/api/v1/openapi.json", "/api/v1/records", "/api/v1/labels",
    ),
    **_forms("/sign-in", body=b"name=a&password=b", is_open=True),
    **_forms("/sign-out", body=b""),
    **_forms(
        "/records/open", "/records/back", "/records/find", "/take-out/freeze", "/take-out/list",
        "/queue/assign", "/add/whose",
        "/add/begin", "/add/file", "/add/list", "/add/store", "/add/drop", "/reading/start", "/reading/stop",
        "/queue/twice", "/set-up/add", "/set-up/role", "/set-up/password", "/set-up/admission",
        "/set-up/shares",
    ),
}  # fmt: skip

API: dict[Ask, Case] = {
    ("POST", "/v1/screen"): Case("/v1/screen", body=b"ok", content_type="application/octet-stream"),
    **_gets("/healthz", "/readyz", "/openapi.json", is_open=True),
    **_gets("/watch", "/metrics"),
}


# A web link that is good until 2096; sealed with the key of `test_every_surface`.
LINK = "/link/{good}"
_JOB = "/" + "0" * 32
_JSON = {"body": b"{}", "content_type": "application/json"}
RELAY: dict[Ask, Case] = {
    ("GET", "/webhook"): Case("/webhook?hub.mode=subscribe&hub.verify_token=x&hub.challenge=1"),
    ("POST", "/webhook"): Case("/webhook", **_JSON),
    ("POST", "/host/poll"): Case("/host/poll", **_JSON),
    ("POST", "/host/photo/{job}"): Case(f"/host/photo{_JOB}", **_JSON),
    ("POST", "/host/answer/{job}"): Case(f"/host/answer{_JOB}", **_JSON),
    ("POST", "/host/heat/{job}"): Case(f"/host/heat{_JOB}", body=b"\xff\xd8", content_type="image/jpeg"),
    ("GET", "/metrics"): Case("/metrics", is_hidden=True),
    ("GET", "/link/{token}"): Case(LINK, is_open=True),
    ("POST", "/link/{token}"): Case(LINK, is_open=True, body=b"text=hello"),
    ("GET", "/heat/{token}"): Case("/heat/" + "x" * 56, is_open=True),
    ("POST", "/heat/{token}"): Case("/heat/" + "x" * 56, is_open=True, body=b"show=1"),
    **_gets("/health", "/ready", is_open=True),
}


# Spellings that a careless comparison takes for another address.
def tricks(path: str) -> list[str]:
    """The address, spelt so that it means something else, or the same past a guard."""
    head, _, tail = path.rpartition("/")
    return [
        f"/{path}",
        f"{path}/",
        f"{path}/..%2f..%2fetc%2fpasswd",
        f"{head}/%2e%2e/{tail}",
        f"{head}/..;/{tail}",
        f"{path}%00.png",
        f"{path};x=1",
        f"{path}%0d%0aX-Bad:%201",
        f"/static/..%2f..{path}",
        path.upper() if path.upper() != path else f"{path}%20",
        f"/%5c{path}",
    ]
