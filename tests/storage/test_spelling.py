"""One object has one name, and what is nearly a name is refused with what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from albconn.errors import DatasetError, SourceError
from albconn.storage.spelling import well_spelt

CONSOLE = "https://us-east-1.console.aws.amazon.com/s3"


@pytest.mark.parametrize(
    ("given", "known_as"),
    [
        ("s3://bucket/a/b", "s3://bucket/a/b"),
        ("S3://bucket/A", "s3://bucket/A"),
        ("s3a://bucket/a", "s3://bucket/a"),
        ("S3N://bucket/a//b/", "s3://bucket/a//b/"),
        ("s3://bucket//a", "s3://bucket//a"),
        ("gs://bucket/a", "gs://bucket/a"),
        ("memory://a", "memory://a"),
        ("https://example.org/a.log", "https://example.org/a.log"),
        ("relative/a.log", "relative/a.log"),
        ("s3", "s3"),
        ("s3.log", "s3.log"),
        ("-", "-"),
        ("file:///var/log", "/var/log"),
        ("FILE://localhost/var/log", "/var/log"),
        ("file:/var/log", "/var/log"),
        ("local:///var/log", "/var/log"),
        ("file://relative/a", "relative/a"),
        ("file:///var/a%20b", "/var/a b"),
    ],
)
def test_what_means_the_same_is_one_name(given: str, known_as: str) -> None:
    assert well_spelt(given, SourceError) == known_as


def test_a_path_that_is_there_keeps_its_percent_sign(tmp_path: Path) -> None:
    (tmp_path / "a%20b").touch()
    assert well_spelt(f"file://{tmp_path}/a%20b", SourceError) == f"{tmp_path}/a%20b"
    (tmp_path / "c d").touch()
    assert well_spelt((tmp_path / "c d").as_uri(), SourceError) == f"{tmp_path}/c d"


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        (str(Path("s3://bucket/a/b")), "write s3://bucket/a/b"),
        ("s3:bucket/a", "write s3://bucket/a"),
        ("s3a:/bucket/a", "write s3://bucket/a"),
        ("s3:///bucket/a", "write s3://bucket/a"),
        ("s3//bucket/a", "write s3://bucket/a"),
        ("s3://", "names no bucket; write s3://bucket/prefix"),
        ("s3:/", "names no bucket; write s3://bucket/prefix"),
        ("arn:aws:s3:::bucket/a/*", "this is an ARN; write s3://bucket/a/"),
        ("arn:aws-us-gov:s3:::bucket", "this is an ARN; write s3://bucket"),
        ("arn:aws:s3:us-east-1:1:accesspoint/a", "this is an ARN; write s3://bucket/prefix"),
        (
            f"{CONSOLE}/buckets/logs?region=x&prefix=a/AWSLogs/",
            "console; write s3://logs/a/AWSLogs/",
        ),
        (f"{CONSOLE}/object/logs?prefix=a%2Fb.log.gz", "console; write s3://logs/a/b.log.gz"),
        ("https://s3.console.aws.amazon.com/s3/home", "console; write s3://bucket/prefix"),
        ("https://logs.s3.eu-west-1.amazonaws.com/a%20b.gz", "web; write s3://logs/a b.gz"),
        ("https://my.logs.s3.amazonaws.com/", "web; write s3://my.logs/"),
        ("https://logs.s3-eu-west-1.amazonaws.com/a?X-Amz-Signature=1", "web; write s3://logs/a"),
        ("https://s3.eu-west-1.amazonaws.com/logs/a", "web; write s3://logs/a"),
        ("https://s3.cn-north-1.amazonaws.com.cn/logs/a", "web; write s3://logs/a"),
        ("http://[broken/a", "no address; write s3://bucket/prefix"),
    ],
)
@pytest.mark.parametrize("error", [SourceError, DatasetError])
def test_what_is_nearly_a_name_is_refused(given: str, instead: str, error: type) -> None:
    with pytest.raises(error) as caught:
        well_spelt(given, error)
    assert str(caught.value).startswith(given[:60])
    assert str(caught.value).endswith(instead)
    assert "\n" not in str(caught.value)


def test_names_that_are_no_text_are_one_line() -> None:
    with pytest.raises(SourceError, match="its name is not UTF-8 text; rename it"):
        well_spelt("logs/a\udcff.log", SourceError)
    with pytest.raises(SourceError, match=r"'a\\x00b': a null byte is in no path"):
        well_spelt("a\0b", SourceError)
