"""Key-exchange groups: one spelling each, and which resist quantum computers."""

from albconn.analysis.tls.groups import groups, is_post_quantum


def test_what_is_shipped() -> None:
    assert groups()["x25519mlkem768"] == ("X25519MLKEM768", True)
    assert [is_post_quantum(name) for name in ("SECP256R1", "secp256r1mlkem768")] == [False, True]


def test_a_group_nobody_knows_is_told_by_its_name() -> None:
    assert [is_post_quantum(name) for name in ("NewMLKEM9", "x448", "")] == [True, False, False]
