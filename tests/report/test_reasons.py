"""What is known of failure reasons: all that AWS lists, each with something to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from albconn.report.reasons import ALL_REASONS, known_reasons, meaning_of

# As AWS lists them for field 11, by hand.
LISTED = (
    "ClientCertMaxChainDepthExceeded", "ClientCertMaxSizeExceeded", "ClientCertCrlHit",
    "ClientCertCrlProcessingError", "ClientCertUntrusted", "ClientCertNotYetValid",
    "ClientCertExpired", "ClientCertTypeUnsupported", "ClientCertInvalid",
    "ClientCertPurposeInvalid", "ClientCertRejected", "ClientCertIncompatible",
    "UnmappedConnectionError",
)  # fmt: skip


def test_all_that_aws_lists_are_known() -> None:
    assert set(known_reasons()) == set(LISTED)


@pytest.mark.parametrize("reason", LISTED)
def test_each_says_what_it_means_and_what_to_do(reason: str) -> None:
    told = meaning_of(reason)
    assert told.url.startswith("https://docs.aws.amazon.com/elasticloadbalancing/latest/")
    for sentence in (told.meaning, told.next_step):
        assert sentence.endswith(".")
        assert len(sentence) < 130


def test_the_set_is_open() -> None:
    assert meaning_of("ClientCertOfTheFuture").url == ALL_REASONS
    assert Path(ALL_REASONS).name == "load-balancer-connection-logs.html"
