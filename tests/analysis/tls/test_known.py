"""The two files of facts are there, and agree with each other."""

import pytest

from albconn.analysis.tls.known import load_known


def test_every_cipher_of_a_policy_is_a_known_one() -> None:
    policies = load_known("security_policies.json").values()
    known = load_known("ciphers_and_groups.json")
    ciphers = {cipher for policy in policies for cipher in policy["ciphers"]}
    assert len(ciphers) > 20
    assert ciphers <= set(known["ciphers"])


def test_a_file_is_read_once() -> None:
    assert load_known("security_policies.json") is load_known("security_policies.json")
    with pytest.raises(FileNotFoundError):
        load_known("nothing.json")
