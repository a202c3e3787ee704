"""Several EHRs on one instance: told apart by URL, issuer and tenant, and never by anything a caller claims."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from hook_builders import NOW as DAY
from hook_builders import a_bundle, a_refusal, an_order, hook_body, reading_body, replacing
from outcomes import refused
from site_builders import (
    JKU,
    JKU_ISS,
    PATH,
    SHARED_ISS,
    Wire,
    calling,
    key_set,
    pinned,
    settings_of,
    site,
    usual_issuers,
)
from token_builders import ISS, OTHER_ISS, PUBLIC

from watchful.settings import Issuer, LocalCode

ONE, TWO = "/s/one", "/s/two"


def url(prefix: str, path: str = PATH) -> str:
    return PUBLIC + prefix + path


async def test_each_site_has_its_urls_and_its_callers(tmp_path: Path, template: Path) -> None:
    sites = (
        site(tmp_path, "one", pinned(tmp_path, ISS, "rsa")),
        site(tmp_path, "two", pinned(tmp_path, OTHER_ISS, "rsa-other")),
    )
    async with calling(settings_of(tmp_path, *sites), Wire(), template, moment=DAY) as caller:
        assert (await caller.http.get(f"{ONE}/cds-services")).status_code == 200
        assert (await caller.post(ONE + PATH, caller.token(url(ONE)))).status_code == 200
        assert (await caller.post(TWO + PATH, caller.token(url(TWO), OTHER_ISS, "other"))).status_code == 200
        # the other site's caller, also with the right audience
        refused(await caller.post(TWO + PATH, caller.token(url(TWO))), 401)
        refused(await caller.post(ONE + PATH, caller.token(url(TWO))), 401)
        # nothing without a prefix, and no third site
        refused(await caller.http.get("/cds-services"), 404)
        refused(await caller.post(PATH, caller.token(url(""))), 404)
        refused(await caller.http.get("/s/three/cds-services"), 404)

        (row,) = await caller.service.journal.recent(10, "two")
        assert row["site"] == "two"


async def test_links_lead_to_the_site_that_made_them(tmp_path: Path, template: Path) -> None:
    sites = (
        site(tmp_path, "one", pinned(tmp_path, ISS, "rsa")),
        site(tmp_path, "two", pinned(tmp_path, OTHER_ISS, "rsa-other")),
    )
    async with calling(settings_of(tmp_path, *sites), Wire(), template, moment=DAY) as caller:
        (card,) = (await caller.post(ONE + PATH, caller.token(url(ONE)))).json()["cards"]
        link = card["links"][0]["url"]
        assert link.startswith(f"{PUBLIC}/s/one/handout/")
        assert (await caller.http.get(link.removeprefix(PUBLIC))).status_code == 200
        assert (await caller.http.get(link.removeprefix(PUBLIC).replace("/s/one", "/s/two"))).status_code == 410

        # feedback counts for the site's own cards alone
        item = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-02T18:00:00Z"}
        for prefix, iss, kid in ((TWO, OTHER_ISS, "other"), (ONE, ISS, "rsa")):
            path = f"{prefix}{PATH}/feedback"
            await caller.post(path, caller.token(PUBLIC + path, iss, kid), {"feedback": [item]})
        count = caller.service.metrics.registry.get_sample_value
        assert count("watchful_feedback_total", {"site": "two", "kind": "orphans"}) == 1
        assert count("watchful_feedback_total", {"site": "one", "kind": "stored"}) == 1


@pytest.mark.parametrize(
    ("prefix", "tenant", "status"),
    [
        (ONE, "clinic-1", 200),
        (TWO, "clinic-2", 200),
        (ONE, "clinic-2", 401),
        (TWO, "clinic-1", 401),
        (ONE, "clinic-3", 401),
        (ONE, None, 401),
    ],
)
async def test_sites_that_share_an_issuer_are_told_apart_by_tenant(
    tmp_path: Path, template: Path, prefix: str, tenant: str | None, status: int
) -> None:
    sites = (
        site(tmp_path, "one", pinned(tmp_path, SHARED_ISS, "rsa"), tenants=("clinic-1",)),
        site(tmp_path, "two", pinned(tmp_path, SHARED_ISS, "rsa", tenants=("clinic-2",))),
    )
    members: dict[str, Any] = {} if tenant is None else {"tenant": tenant}
    async with calling(settings_of(tmp_path, *sites), Wire(), template, moment=DAY) as caller:
        text = caller.token(url(prefix), SHARED_ISS, **members)
        assert (await caller.post(prefix + PATH, text)).status_code == status


async def test_a_published_key_is_fetched_once(tmp_path: Path, template: Path) -> None:
    wire = Wire({JKU: key_set("rsa")})
    only = site(tmp_path, "one", Issuer(iss=JKU_ISS, jku=JKU))
    async with calling(settings_of(tmp_path, only), wire, template, moment=DAY) as caller:
        for _ in range(3):
            assert (await caller.post(PATH, caller.token(url(""), JKU_ISS))).status_code == 200
    assert [str(each.url) for each in wire.sent] == [JKU]
    assert "authorization" not in wire.sent[0].headers


async def test_too_many_calls_of_one_issuer(tmp_path: Path, template: Path) -> None:
    busy = pinned(tmp_path, ISS, "rsa", requests_per_minute=30)  # a burst of five
    only = site(tmp_path, "one", busy, pinned(tmp_path, OTHER_ISS, "rsa-other"))
    async with calling(settings_of(tmp_path, only), Wire(), template, moment=DAY) as caller:
        answers = [await caller.post(PATH, caller.token(url(""))) for _ in range(7)]
        assert [each.status_code for each in answers[:5]] == [200] * 5
        issue = refused(answers[6], 429)
        assert issue["code"] == "throttled"
        assert int(answers[6].headers["retry-after"]) >= 1
        # a bad token under that name costs the issuer nothing, and the other issuer is not slowed
        assert (await caller.post(PATH, caller.token(url(""), OTHER_ISS, "other"))).status_code == 200


async def test_unmapped_orders_are_noted_by_system_and_code(tmp_path: Path, template: Path) -> None:
    order = an_order(
        code={"coding": [{"system": "urn:local", "code": "MRLSP", "display": "Jane Doe"}], "text": "x"}
    )
    text = an_order(id="two", code={"coding": [{"system": "urn:local", "code": "MRI for Jane"}]})
    only = site(
        tmp_path,
        "one",
        pinned(tmp_path, ISS, "rsa"),
        local_codes=(LocalCode(system="urn:local", code="KNOWN", study="xr"),),
    )
    async with calling(settings_of(tmp_path, only), Wire(), template, moment=DAY) as caller:
        for _ in range(2):
            body = hook_body("acute-mri", "order-select", order, text, an_order(id="three"))
            assert (await caller.post(PATH, caller.token(url("")), body)).status_code == 200
        await caller.service.note_unmapped()
        assert await caller.service.journal.unmapped("one") == [("urn:local", "MRLSP")]


async def test_a_hook_server_outside_the_site_gets_no_token(tmp_path: Path, template: Path) -> None:
    """SSRF: addresses, next links and references of a request lead nowhere but to the site's own base."""
    base = "https://one.example.org/r4"
    wire = Wire()
    body = reading_body("acute-mri")
    only = site(tmp_path, "one", *usual_issuers(tmp_path))
    async with calling(settings_of(tmp_path, only), wire, template, moment=DAY) as caller:
        for server in (
            "https://evil.example/r4", "https://one.example.org.evil.example/r4", "http://one.example.org/r4",
            "https://one.example.org/r4/../admin", "https://one.example.org@evil.example/r4",
            "https://one.example.org:8443/r4", "http://169.254.169.254/latest", "http://127.0.0.1:9464",
            "http://[::1]/r4", "https://0x7f000001/r4", "file:///etc/passwd", "gopher://evil.example/",
        ):  # fmt: skip
            answer = await caller.post(PATH, caller.token(url("")), replacing(body, server, "fhirServer"))
            assert answer.status_code == 412
        assert not wire.sent

        for following in (
            "https://evil.example/r4/Condition?page=2", "//evil.example/r4/Condition", "/admin", "../../admin",
            f"{base}@evil.example/Condition", "http://169.254.169.254/", "https://one.example.org/other/Condition",
        ):  # fmt: skip
            page = a_bundle(links=[("self", f"{base}/Condition?patient=acute-mri-patient"), ("next", following)])
            wire.answers = {
                f"{base}/Condition?patient=acute-mri-patient&_count=200": lambda page=page: httpx2.Response(
                    200, json=page
                )
            }
            evil = hook_body("acute-mri") | {"fhirServer": base, "fhirAuthorization": body["fhirAuthorization"]}
            evil["prefetch"]["conditions"] = a_refusal()
            evil["context"]["draftOrders"]["entry"][0]["resource"]["reasonReference"] = [
                {"reference": "https://evil.example/r4/Condition/1"}
            ]
            answer = await caller.post(PATH, caller.token(url("")), evil)
            assert answer.status_code == 412
    assert wire.hosts == {"one.example.org"}
