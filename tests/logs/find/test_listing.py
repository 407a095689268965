"""What lies elsewhere is summed up: names, and from when to when."""

from datetime import UTC, datetime, timedelta

from albconn.logs.find.keys import LogKey, parse_key
from albconn.logs.find.listing import Elsewhere
from worlds import trees

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)


def test_elsewhere_remembers_names_and_ends() -> None:
    elsewhere = Elsewhere()
    for n, region in ((1, "us-east-1"), (0, "eu-west-1"), (2, "us-east-1")):
        elsewhere.add(parse_key(trees.key(NOON + timedelta(days=n), region=region)))
    elsewhere.add(LogKey())
    assert elsewhere.files == 4
    assert (elsewhere.first, elsewhere.last) == (NOON, NOON + timedelta(days=2))
    assert elsewhere.regions == {"us-east-1", "eu-west-1"}
    assert (elsewhere.accounts, len(elsewhere.load_balancers)) == ({trees.ACCOUNT}, 1)
