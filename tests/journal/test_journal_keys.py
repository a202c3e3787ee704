"""Hashes say nothing without the secret; sealed bytes open only where they belong."""

import pytest

from watchful.journal import Keys, Unsealable

KEYS = Keys("a secret of the tests, long enough")
OTHER = Keys("another secret that is long enough")


def test_a_hash_is_stable_and_names_its_key() -> None:
    again = Keys("a secret of the tests, long enough")
    hashed = KEYS.hash("general", "patient", "Patient", "smith-1")
    assert hashed == again.hash("general", "patient", "Patient", "smith-1")
    assert hashed.startswith(f"{KEYS.key_id}.")
    assert len(hashed) == 52


@pytest.mark.parametrize(
    "other",
    [
        KEYS.hash("county", "patient", "Patient", "smith-1"),
        KEYS.hash("general", "user", "Patient", "smith-1"),
        KEYS.hash("general", "patient", "Patients", "mith-1"),
        KEYS.hash("general", "patient", "Patientsmith-1"),
        OTHER.hash("general", "patient", "Patient", "smith-1"),
    ],
    ids=["site", "purpose", "boundary", "joined", "secret"],
)
def test_hashes_differ(other: str) -> None:
    assert KEYS.hash("general", "patient", "Patient", "smith-1") != other


def test_a_hash_does_not_contain_its_input() -> None:
    assert "smith" not in KEYS.hash("general", "patient", "smith-1")


def test_sealed_bytes_open_again_and_name_their_key() -> None:
    sealed = KEYS.seal("general", "case", b"content", b"bound")
    assert sealed.startswith(KEYS.prefix.encode())
    assert b"content" not in sealed
    assert sealed != KEYS.seal("general", "case", b"content", b"bound")
    assert KEYS.open("general", "case", sealed, b"bound") == b"content"


def test_sealed_bytes_open_nowhere_else() -> None:
    sealed = KEYS.seal("general", "case", b"content", b"bound")
    attempts = [
        (KEYS, "county", "case", sealed, b"bound"),
        (KEYS, "general", "comment", sealed, b"bound"),
        (KEYS, "general", "case", sealed, b"other"),
        (KEYS, "general", "case", sealed[:-1] + bytes([sealed[-1] ^ 1]), b"bound"),
        (KEYS, "general", "case", sealed[:12], b"bound"),
        (KEYS, "general", "case", b"", b"bound"),
        (OTHER, "general", "case", sealed, b"bound"),
    ]
    for keys, site, purpose, content, bound in attempts:
        with pytest.raises(Unsealable):
            keys.open(site, purpose, content, bound)


def test_handles_are_random_and_long() -> None:
    handles = {KEYS.new_handle() for _ in range(100)}
    assert len(handles) == 100
    assert all(len(handle) == len(KEYS.prefix) + 24 for handle in handles)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        Keys("password")
