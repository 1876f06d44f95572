"""The audit: an SBOM of everything that is locked, and the answer of a vulnerability service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from infra import audit
from infra.jars import PACKAGES

VULNERABLE = "jinja2"
VULNERABILITY = {
    "id": "TEST-2026-1",
    "summary": "Made for the test",
    "modified": "2026-11-01T00:00:00Z",
    "affected": [{"package": {"ecosystem": "PyPI", "name": VULNERABLE}, "versions": []}],
}


def served(server: HTTPServer, vulnerable: str | None) -> list[str]:
    """Serves OSV, where one package or none is vulnerable; the names that are asked for."""
    asked: list[str] = []

    def batch(request: Request) -> Response:
        names = [query["package"]["name"] for query in json.loads(request.data)["queries"]]
        asked.extend(names)
        hit = {"vulns": [{"id": VULNERABILITY["id"], "modified": VULNERABILITY["modified"]}]}
        results = [hit if name == vulnerable else {} for name in names]
        return Response(json.dumps({"results": results}), content_type="application/json")

    server.expect_request("/v1/querybatch", method="POST").respond_with_handler(batch)
    server.expect_request(f"/v1/vulns/{VULNERABILITY['id']}").respond_with_json(VULNERABILITY)
    return asked


def audited(server: HTTPServer, to: Path) -> int:
    return audit.main(["--to", str(to), "--service-url", server.url_for("/")])


def test_everything_is_in_the_sbom_and_nothing_is_known_against_it(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    asked = served(httpserver, None)
    to = tmp_path / "build" / "sbom.json"
    assert audited(httpserver, to) == 0
    told: dict[str, Any] = json.loads(to.read_text())
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.5")
    purls = {one["purl"] for one in told["components"]}
    for coordinates in PACKAGES:
        group, name, version = coordinates.split(":")
        assert f"pkg:maven/{group}/{name}@{version}" in purls
    assert any(purl.startswith("pkg:generic/spark-core_2.13@") for purl in purls)
    assert {f"pkg:pypi/{name}" for name in ("pyspark", "apache-airflow")} <= {
        purl.partition("@")[0] for purl in purls
    }
    references = [one["bom-ref"] for one in told["components"]]
    assert len(references) == len(set(references))
    assert {ref for one in told["dependencies"] for ref in one.get("dependsOn", [])} <= set(references)
    assert {one["name"] for one in told["components"] if one["purl"].startswith("pkg:pypi")} <= set(asked)


def test_a_known_vulnerability_fails_the_audit(
    httpserver: HTTPServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    served(httpserver, VULNERABLE)
    assert audited(httpserver, tmp_path / "sbom.json") == 1
    assert VULNERABILITY["id"] in capfd.readouterr().out


def test_a_service_that_does_not_answer_is_no_good_news(
    httpserver: HTTPServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    httpserver.expect_request("/v1/querybatch").respond_with_data("", status=404)
    assert audited(httpserver, tmp_path / "sbom.json") == 4
    assert "Remedy: run make audit where" in capfd.readouterr().err
