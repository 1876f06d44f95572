"""``python -m infra.audit``: what the system is made of, as an SBOM, and what of it is vulnerable."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from infra.jars import PACKAGES, jars

_CHECKOUT = Path(__file__).resolve().parents[1]
_JAR = re.compile(r"(?P<name>.+?)-(?P<version>[0-9][0-9A-Za-z.\-]*)\.jar")
_UNREACHABLE = 4
"""Exit code when the vulnerability service does not answer: nothing is known then, which is no good news."""


def sbom(exported: dict[str, Any], java: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The SBOM of the lock with the Java libraries added; the root depends on them."""
    added = list(java)
    root = exported["metadata"]["component"]["bom-ref"]
    depends = [
        {**one, "dependsOn": [*one.get("dependsOn", []), *[part["bom-ref"] for part in added]]}
        if one["ref"] == root
        else one
        for one in exported["dependencies"]
    ]
    return {**exported, "components": [*exported["components"], *added], "dependencies": depends}


def pinned(files: Iterable[Path], packages: Sequence[str] = PACKAGES) -> Iterator[dict[str, Any]]:
    """Components of the jars that are fetched from Maven, by their coordinates."""
    for file, coordinates in zip(files, packages, strict=True):
        group, name, version = coordinates.split(":")
        yield _component(name, version, file, f"pkg:maven/{group}/{name}@{version}", group)


def bundled(folder: Path) -> Iterator[dict[str, Any]]:
    """Components of the jars that come with PySpark; their file names tell no group."""
    for file in sorted(folder.glob("*.jar")):
        found = _JAR.fullmatch(file.name)
        name, version = (found["name"], found["version"]) if found else (file.stem, "")
        yield _component(name, version, file, f"pkg:generic/{name}@{version}", None)


def _component(name: str, version: str, file: Path, purl: str, group: str | None) -> dict[str, Any]:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return {
        "type": "library",
        "bom-ref": f"jar:{file.name}",
        **({"group": group} if group else {}),
        "name": name,
        "version": version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }


def _uv() -> str:
    return shutil.which("uv") or str(_CHECKOUT / ".cache" / "uv" / "bin" / "uv")


def _exported() -> dict[str, Any]:
    command = [_uv(), "export", "--frozen", "--no-dev", "--format", "cyclonedx1.5", "--quiet"]
    command += ["--preview-features", "sbom-export"]
    made = subprocess.run(command, cwd=_CHECKOUT, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(made.stdout)
    return told


def _spark_jars() -> Path:
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise RuntimeError("The package pyspark is not installed. Remedy: make env.")
    return Path(found.origin).parent / "jars"


def _vulnerabilities(service: str | None) -> int:
    """Asks for known vulnerabilities of the locked Python packages; the exit code."""
    command = [_uv(), "audit", "--frozen", "--preview-features", "audit-command"]
    command += ["--service-url", service] if service else []
    asked = subprocess.run(command, cwd=_CHECKOUT, check=False, capture_output=True, text=True)
    sys.stdout.write(asked.stdout)
    sys.stderr.write(asked.stderr)
    if asked.returncode > 1 or "Request failed" in asked.stderr:
        sys.stderr.write(
            "The vulnerability service does not answer: nothing is known about vulnerabilities.\n"
            "Remedy: run make audit where api.osv.dev is reached, or name another one with --service-url.\n"
        )
        return _UNREACHABLE
    return asked.returncode


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the SBOM and asks for vulnerabilities; 1 when there are any, 4 when nobody answers."""
    parser = argparse.ArgumentParser(prog="infra.audit", description=__doc__)
    parser.add_argument(
        "--to", type=Path, default=_CHECKOUT / "build" / "sbom.cdx.json", help="file of the SBOM"
    )
    parser.add_argument("--service-url", help="service that speaks OSV; https://api.osv.dev otherwise")
    asked = parser.parse_args(argv)
    whole = sbom(_exported(), [*pinned(jars()), *bundled(_spark_jars())])
    asked.to.parent.mkdir(parents=True, exist_ok=True)
    asked.to.write_text(json.dumps(whole, indent=1) + "\n")
    sys.stdout.write(f"{asked.to}: {len(whole['components'])} components\n")
    return _vulnerabilities(asked.service_url)


if __name__ == "__main__":
    sys.exit(main())
