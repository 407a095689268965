"""Made-up load balancers: what tests and benchmarks read, each world written in one way.

``lines`` is the one writer of log lines, ``request_lines`` that of access logs, ``plain`` the
reader that knows nothing of albconn, and ``trees`` puts lines where AWS would.
``rows`` makes connections without logs, ``contract`` is a
handful of them that engines disagree on, ``planted`` are incidents with a known cause and
``quiet`` is traffic without one; ``traffic`` has accounts as in real life, in dozens of kinds.
``strategies`` draws worlds by chance and alone needs hypothesis. Nothing here is installed with
albconn.
"""
