"""Datasets as assets for an orchestrator: plain data, which the DAGs turn into its own kind."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.contract import Contract


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """What an orchestrator shows of a dataset."""

    name: str
    """``layer.register_nouns``, as everywhere."""
    uri: str
    group: str
    """The layer."""
    extra: dict[str, str]


def asset(contract: type[Contract], layer: str | None = None, *, warehouse: str = "s3://lake") -> AssetFacts:
    """The asset of a dataset in a layer; its own layer unless one is given."""
    name = contract.dataset(layer)
    return AssetFacts(
        name,
        f"{warehouse}/{name.replace('.', '/')}",
        name.partition(".")[0],
        {
            "title": contract.info.title_en,
            "title_vi": contract.info.title_vi,
            "owner": contract.info.owner,
            "privacy": contract.privacy().name,
            "release": contract.info.release.value,
            "version": contract.info.version,
        },
    )
