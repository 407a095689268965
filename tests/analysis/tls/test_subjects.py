"""Subjects as strangers write them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from albconn.analysis.tls.subjects import LONGEST, subject_parts


@pytest.mark.parametrize(
    ("subject", "parts"),
    [
        (
            r"serialNumber=PNOEE-47101010033,GN=MARILIIS,SN=M\C3\84NNIK,"
            r"CN=M\C3\84NNIK\,MARILIIS\,47101010033,C=EE",
            {"serialNumber": "PNOEE-47101010033", "GN": "MARILIIS", "SN": "MÄNNIK",
             "CN": "MÄNNIK,MARILIIS,47101010033", "C": "EE"},
        ),
        ("CN=Client Certificate,O=My Organization,L=tokyo,C=jp",
         {"CN": "Client Certificate", "O": "My Organization", "L": "tokyo", "C": "jp"}),
        (r"CN=a\x22b\x5C,c", {"CN": 'a"b,c'}),
        (r"CN=a\"b\\c", {"CN": r'a"b\c'}),
        ("OU=a,OU=b+CN=x", {"OU": "a, b", "CN": "x"}),
        ("CN=a=b", {"CN": "a=b"}),
        (r"CN=\FF\00", {"CN": "��"}),
        ("CN=a\x1b[31m\n", {"CN": "a�[31m�"}),
        ("no parts at all", {}),
        ("CN=ends\\", {"CN": "ends\\"}),
        (None, {}),
    ],
)  # fmt: skip
def test_subjects(subject: str | None, parts: dict[str, str]) -> None:
    assert subject_parts(subject) == parts


@given(st.text(max_size=60) | st.text(alphabet='\\,+="xC3845 2N', max_size=60))
def test_any_subject_has_parts_and_no_control_characters(subject: str) -> None:
    for value in subject_parts(subject).values():
        assert all(character.isprintable() or ord(character) >= 160 for character in value)


@given(st.text(st.characters(min_codepoint=160, codec="utf-8"), min_size=1, max_size=20))
def test_what_is_escaped_comes_back(name: str) -> None:
    hexed = "".join(f"\\{byte:02X}" for byte in name.encode())
    assert subject_parts(f"CN={hexed},O=x") == {"CN": name, "O": "x"}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("part", ["CN=a,", "x", "\\\\,", "+", "CN=", r"\x5C", r"\C3"])
def test_of_a_megabyte_only_the_beginning_is_taken_apart(part: str) -> None:
    subject = f"O=first,{part * (1_000_000 // len(part))}"
    for _ in range(99):
        subject_parts(subject)
    parts = subject_parts(subject)
    assert parts["O"] == "first"
    assert sum(map(len, parts.values())) <= 2 * LONGEST
