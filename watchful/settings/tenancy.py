"""Several sites on one instance: issuer and tenant lead to exactly one of them.

The URL names the site and the token must belong there. Two sites that share an issuer are told apart by
the token's `tenant` claim alone, so each must list its tenants, and no tenant may stand at two.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from watchful.settings.problems import Location, Problem


def one_home_each(sites: Sequence[Any]) -> Iterator[Problem]:
    """Problems of a list of `[[site]]` tables as they were written: ids, and who calls where."""
    ids: dict[str, int] = {}
    homes: dict[str, list[tuple[Location, str, frozenset[str]]]] = {}
    for number, site in enumerate(sites):
        if not isinstance(site, dict):
            continue
        name = site.get("id")
        if isinstance(name, str):
            if name in ids:
                yield Problem(("site", number, "id"), f'"{name}" is an earlier site: an id names one site')
            ids.setdefault(name, number)
        issuers = site.get("issuer", [])
        for at, issuer in enumerate(issuers if isinstance(issuers, list) else []):
            if isinstance(issuer, dict) and isinstance(issuer.get("iss"), str):
                here: Location = ("site", number, "issuer", at)
                homes.setdefault(issuer["iss"], []).append((here, str(name), _tenants(site, issuer)))
    for listed in homes.values():
        yield from _apart([each for each in listed if each[1] != listed[0][1]], listed[0])


def _apart(
    others: Sequence[tuple[Location, str, frozenset[str]]], first: tuple[Location, str, frozenset[str]]
) -> Iterator[Problem]:
    """The sites of one issuer must list their tenants, each its own."""
    taken = dict.fromkeys(first[2], first[1])
    if others and not first[2]:
        yield Problem(
            (*first[0], "iss"), f'site "{others[0][1]}" has this issuer too: list the tenants of each site'
        )
    for here, name, tenants in others:
        if not tenants:
            yield Problem((*here, "iss"), f'site "{first[1]}" has this issuer too: list the tenants of each site')
        for tenant in sorted(tenants & taken.keys()):
            if taken[tenant] != name:
                text = f'tenant "{tenant}" of this issuer belongs to site "{taken[tenant]}" already'
                yield Problem((*here, "tenants"), f"{text}: a tenant leads to one site")
        taken.update(dict.fromkeys(tenants, name))


def _tenants(site: dict[str, Any], issuer: dict[str, Any]) -> frozenset[str]:
    listed = issuer.get("tenants") or site.get("tenants") or []
    return frozenset(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else frozenset()
