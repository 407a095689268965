"""The table of requests: one request to the load balancer is one line of its access log.

A connection has none, one or many of them; ``conn_trace_id`` says which one each came by. AWS's
``client:port`` and ``target:port`` are two columns each, as in its own tables for Athena, and
``target:port_list`` is ``target_port_list``. A time that is -1, by which AWS says that there is
none, is missing.

References
----------
AWS, "Access logs for your Application Load Balancer", "Access log entries".
"""

from __future__ import annotations

from datetime import date
from string import ascii_letters, digits

from albconn.schema.field import Field, FromColumn, FromKey, FromPart, FromPlace, Shape
from albconn.schema.kind import ELAPSED, INTEGER, PORT, TEXT, TIMESTAMP, WORD
from albconn.schema.parts import ENDPOINT, REQUEST
from albconn.schema.table import FROM_THE_KEY, IDENTITY, LogTable

_CLIENT, _TARGET, _REQUEST = "client:port", "target:port", "request_line"
_HOST, _PATH, _QUERY = "request_host", "request_path", "request_query"


def class_of(status: int) -> str | None:
    """Return the class of a status code; None for a number that is in none.

    Examples
    --------
    >>> class_of(404), class_of(460), class_of(0)
    ('4xx', '4xx', None)
    """
    return f"{status // 100}xx" if 100 <= status <= 599 else None


REQUESTS = LogTable(
    name="requests",
    version=1,  # append only: a column is never renamed, retyped or removed
    fewest_fields=29,  # before conn_trace_id
    time_column="time",
    private=("client_ip",),
    log="access_log",
    row="request",
    since=date(2016, 8, 11),  # AWS launched the load balancer, and its access log with it
    raw_fields=(
        Field(_CLIENT, WORD, "address and port of the client", 4, way=ENDPOINT),
        Field(_TARGET, WORD, "address and port of the target", 5, way=ENDPOINT),
    ),
    fields=(
        Field("type", WORD, "http, https, h2, grpcs, ws or wss", 1),
        Field("time", TIMESTAMP, "when the load balancer answered the client", 2, unit="UTC"),
        Field("elb", WORD, "load balancer, app/<name>/<hex>: field 3, else from the object's key",
              3, FromKey("elb"), sought=True),
        Field("client_ip", WORD, "address of the client, or of the proxy before it, from field 4",
              origin=FromPart(_CLIENT, 0)),
        Field("client_port", PORT, "TCP port of the client, from field 4",
              origin=FromPart(_CLIENT, 1)),
        Field("target_ip", WORD, "address of the target, from field 5; null where there is none",
              origin=FromPart(_TARGET, 0)),
        Field("target_port", PORT, "TCP port of the target, from field 5",
              origin=FromPart(_TARGET, 1), recurs=True),
        # Times are whole milliseconds, so few are different.
        Field("request_processing_time", ELAPSED,
              "from receiving the request to sending it to a target; null where AWS logs -1", 6,
              unit="s", recurs=True),
        Field("target_processing_time", ELAPSED,
              "from sending the request until the target answered; null where AWS logs -1", 7,
              unit="s", recurs=True),
        Field("response_processing_time", ELAPSED,
              "from the target's answer to sending it to the client; null where AWS logs -1", 8,
              unit="s", recurs=True),
        Field("elb_status_code", INTEGER, "status code of the load balancer's answer", 9,
              recurs=True),
        Field("target_status_code", INTEGER, "status code of the target's answer", 10,
              recurs=True),
        Field("received_bytes", INTEGER, "size of the request", 11, unit="bytes"),
        Field("sent_bytes", INTEGER, "size of the answer", 12, unit="bytes"),
        Field(_REQUEST, TEXT, "the request, as logged: method, URL, version; chosen by the client",
              13, way=REQUEST, tells=(_HOST, _PATH, _QUERY)),
        Field("user_agent", WORD, "who the client says it is, as logged; chosen by the client",
              14),
        Field("ssl_cipher", WORD, "cipher; null when not TLS", 15),
        Field("ssl_protocol", WORD, "TLS version; null when not TLS", 16),
        Field("target_group_arn", WORD, "the target group", 17),
        Field("trace_id", TEXT, "the header X-Amzn-Trace-Id", 18),
        Field("domain_name", WORD, "the name that the client asked for in its TLS handshake", 19,
              tells=(_HOST,)),
        Field("chosen_cert_arn", WORD, "the certificate that the client was shown", 20),
        Field("matched_rule_priority", INTEGER,
              "the rule that matched; 0 is the default one, -1 an error", 21, recurs=True),
        Field("request_creation_time", TIMESTAMP,
              "when the load balancer received the request", 22, unit="UTC"),
        Field("actions_executed", WORD, "what was done, such as waf,forward", 23),
        Field("redirect_url", TEXT, "where the client was sent to", 24,
              tells=(_HOST, _PATH, _QUERY)),
        Field("error_reason", WORD, "why an action failed", 25),
        Field("target_port_list", WORD, "all targets that were tried, as logged", 26),
        Field("target_status_code_list", WORD, "what they answered, as logged", 27),
        Field("classification", WORD, "desync mitigation: Acceptable, Ambiguous or Severe", 28),
        Field("classification_reason", WORD, "why", 29),
        Field("conn_trace_id", TEXT,
              "id of the connection; joins to the connection log's conn_trace_id", 30,
              shape=Shape(begins=("TID_",), grows=True)),
        Field("transformed_host", WORD, "host after a rule changed it", 31,
              shape=Shape(letters=f"{ascii_letters}{digits}.-:[]", grows=True), tells=(_HOST,)),
        Field("transformed_uri", TEXT, "path and query after a rule changed them", 32,
              tells=(_PATH, _QUERY)),
        Field("request_transform_status", WORD, "whether a rule changed them", 33,
              shape=Shape(letters=ascii_letters, grows=True)),
        Field("ip_address", WORD,
              "IP address of the load-balancer node: field 34, else from the key", 34,
              FromKey("ip_address")),
        Field("request_method", WORD, "method of the request, from field 13",
              origin=FromPart(_REQUEST, 0)),
        Field("request_protocol", WORD, "protocol of its URL: http, https, ws or wss",
              origin=FromPart(_REQUEST, 1)),
        Field(_HOST, WORD, "host of its URL", origin=FromPart(_REQUEST, 2)),
        Field("request_port", PORT, "port of its URL: the listener's", origin=FromPart(_REQUEST, 3),
              recurs=True),
        Field(_PATH, WORD, "path of its URL, as logged", origin=FromPart(_REQUEST, 4)),
        Field(_QUERY, TEXT, "query of its URL without the question mark, as logged",
              origin=FromPart(_REQUEST, 5)),
        Field("request_version", WORD, "HTTP version of the request", origin=FromPart(_REQUEST, 6)),
        Field("status_class", WORD, "class of elb_status_code: 2xx, 3xx, 4xx or 5xx",
              origin=FromColumn("elb_status_code", class_of)),
        *FROM_THE_KEY,
        Field("extra_fields", WORD, "what follows field 34 in the line, verbatim",
              origin=FromPlace.tail),
        *IDENTITY,
    ),
)  # fmt: skip
