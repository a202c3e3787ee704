"""How much each flag weighs, written down apart from the data (reference/clinical.md §0.1 items 2 to 5, §3.2)."""

import pytest
from builders import knowledge

TIERS = {
    "emergency": "cauda-equina bilateral-leg-weakness aortic-aneurysm",
    "hard": (
        "bilateral-sciatica motor-deficit spinal-cord-signs cancer-active cancer-history fever spinal-infection "
        "injection-drug-use drug-use-disorder immunosuppression hiv long-term-steroids osteoporosis low-t-score "
        "osteoporosis-medicine fragility-fracture significant-trauma minor-trauma-older axial-spondyloarthritis "
        "spondylitis-with-trauma prior-lumbar-surgery aortic-aneurysm-on-record marked-inflammation "
        "recent-spinal-procedure suspicion-in-text"
    ),
    "suppress": (
        "cauda-equina-possible monoclonal-gammopathy weight-loss measured-weight-loss visceral-mimic "
        "bleeding-or-line-risk age-70-or-over"
    ),
    "text": (
        "drug-use-remission back-contusion raised-inflammation raised-white-cells earlier-spinal-procedure "
        "age-65-69 age-50-64"
    ),
}
TIER_OF = {flag_id: tier for tier, ids in TIERS.items() for flag_id in ids.split()}


def test_every_flag_has_a_tier_here() -> None:
    assert sorted(TIER_OF) == sorted(flag.row.id for flag in knowledge().flags)


@pytest.mark.parametrize("flag_id", TIER_OF)
def test_a_flag_weighs_what_the_reference_says(flag_id: str) -> None:
    weighs = {flag.row.id: flag.row.tier.value for flag in knowledge().flags}

    assert weighs[flag_id] == TIER_OF[flag_id]
