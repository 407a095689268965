"""Who asks: a crawler, a scanner or a monitor that says so, or somebody whom a change would hurt.

A user agent is what the client says of itself. Who calls itself a bot is taken at its word; whoever
says anything else counts as a user: a browser, an app, a device, a program of a partner. Only few
scanners say nothing, or lie; so users are at most as many as are counted here.
"""

from __future__ import annotations

from albconn.analysis.counting.source import literal

USER, CRAWLER = "user", "crawler"
AGENTS = (USER, CRAWLER)

_WORDS = (
    # What calls itself so, whatever its name.
    r"bot\b", "bots?[-/_;:)]", "crawl", "spider", "scrap(?:er|y)", "scanner", "archiver",
    "monitor", "health-?check", "uptime", "pingdom", "statuscake", "site24x7", "kube-probe",
    # Search engines and previews that do not.
    "slurp", "facebookexternalhit", "mediapartners-google", "google-inspectiontool",
    "feedfetcher", "lighthouse", "headlesschrome", "bingpreview", "archive\\.org",
    # Scanners of the whole internet, and tools that look for holes.
    "censys", "shodan", "expanse", "internet-measurement", "internetmeasurement", "netcraft",
    "zgrab", "masscan", "nmap", "nuclei", "nikto", "sqlmap", "wpscan", "gobuster", "dirbuster",
    "acunetix", "nessus", "openvas", "qualys", "l9explore", "leakix", "http banner detection",
)  # fmt: skip
_CRAWLERS = "(?i)" + "|".join(_WORDS)
_NOT_BOTS = "(?i)cubot"  # telephones of that make


def agent_kind(column: str) -> str:
    """Return SQL for the kind of a user agent; null where it says nothing.

    Ask it of distinct user agents: there are few, and each costs a search.
    """
    return (
        f"CASE WHEN {column} IS NULL THEN NULL "
        f"WHEN regexp_matches({column}, {literal(_CRAWLERS)}) "
        f"AND NOT regexp_matches({column}, {literal(_NOT_BOTS)}) THEN '{CRAWLER}' "
        f"ELSE '{USER}' END"
    )


def agents_query(source: str = "requests") -> str:
    """Return a query: ``user_agent`` and its ``agent``, each user agent once."""
    return (
        f"SELECT user_agent, {agent_kind('user_agent')} AS agent "
        f"FROM (SELECT DISTINCT user_agent FROM {source} WHERE user_agent IS NOT NULL)"
    )


def clients_query(source: str = "requests") -> str:
    """Return a query of who asks: ``client_ip``, ``requests``, ``user_agent`` and ``agent``.

    The user agent is that of most requests; a client with any request of a user is one.
    """
    return (
        f"WITH agents AS ({agents_query(source)}), "
        f"counted AS (SELECT client_ip, user_agent, count(*) AS n FROM {source} "
        "WHERE client_ip IS NOT NULL GROUP BY ALL) "
        "SELECT client_ip, sum(n)::BIGINT AS requests, "
        "arg_max(user_agent, (n, user_agent)) FILTER (user_agent IS NOT NULL) AS user_agent, "
        f"CASE WHEN bool_or(agent = '{USER}') THEN '{USER}' "
        f"WHEN bool_or(agent = '{CRAWLER}') THEN '{CRAWLER}' END AS agent "
        "FROM counted LEFT JOIN agents USING (user_agent) GROUP BY client_ip"
    )
