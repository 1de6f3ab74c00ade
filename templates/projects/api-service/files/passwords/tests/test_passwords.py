"""Hashes are salted, and only the right password fits."""

import pytest

from app.passwords import hash_password, verify_password


def test_only_the_right_password_fits():
    stored = hash_password("correct horse")
    assert verify_password("correct horse", stored)
    assert not verify_password("correct horsf", stored)
    assert not verify_password("", stored)


def test_the_password_is_not_in_the_hash():
    assert "correct horse" not in hash_password("correct horse")


def test_equal_passwords_get_different_hashes():
    assert hash_password("same") != hash_password("same")


def test_passwords_are_not_limited_to_ascii():
    stored = hash_password("pässwörd ☂")
    assert verify_password("pässwörd ☂", stored)


def test_hashes_of_another_cost_are_understood():
    # The second test vector of RFC 7914, section 12.
    stored = ("scrypt$1024$8$16$4e61436c$"
              "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
              "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")
    assert verify_password("password", stored)


@pytest.mark.parametrize("stored", [
    "", "plain text", "md5$1$1$1$00$00", "scrypt$x$8$1$00$00",
    "scrypt$16384$8$1$zz$00", "scrypt$3$8$1$00$00"])
def test_what_is_not_a_hash_fits_nothing(stored):
    assert not verify_password("plain text", stored)
