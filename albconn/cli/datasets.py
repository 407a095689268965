"""Commands that write and keep datasets."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

import albconn as ac
from albconn.cli.options import (
    Dataset,
    Format,
    Summary,
    Table,
    TableFormat,
    TableOrAll,
    Which,
    parse_size,
    parse_time,
    takes_which,
)
from albconn.cli.printing import print_facts, print_table, say


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command(
        epilog="Example: albconn convert s3://bucket/prefix out/ --start 2026-09-22 "
        "--load-balancer my-lb"
    )(convert)
    app.command(epilog="Example: albconn check out/ s3://bucket/prefix")(check)
    app.command(epilog="Example: albconn compact out/ --before 2026-09-23")(compact)
    app.command(epilog="Example: albconn schema --format json")(schema)
    app.command(epilog="Example: albconn ddl s3://bucket/dataset --dialect athena")(ddl)


@takes_which
def convert(
    which: Which,
    locations: Annotated[
        list[str],
        typer.Argument(
            metavar="SRC... DEST", help="Log files, then the folder or s3:// prefix of the dataset."
        ),
    ],
    table: Table = "connections",
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Replace the rows of log files that changed.")
    ] = False,
    client_ip: Annotated[
        str,
        typer.Option(
            metavar="keep|truncate|pseudonymize",
            help="Write client addresses as they are, as /24 and /48 networks, or as tokens.",
        ),
    ] = "keep",
    client_ip_key_file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="File with the key of pseudonymize."),
    ] = None,
    pseudonymize_columns: Annotated[
        list[str] | None,
        typer.Option(
            "--pseudonymize-columns",
            "--pseudonymize-column",
            metavar="COLUMN",
            help="Write its texts as tokens, with that key; may be repeated.",
        ),
    ] = None,
    drop_columns: Annotated[
        list[str] | None,
        typer.Option(
            "--drop-columns", "--drop-column", metavar="COLUMN", help="Leave null; may be repeated."
        ),
    ] = None,
    format: Annotated[
        Summary,
        typer.Option("--format", help="table, or json: one line, for cron and monitoring."),
    ] = Summary.table,
) -> None:
    """Turn log files into Parquet by date; run again, it converts only what is new."""
    if len(locations) < 2:
        raise typer.BadParameter("give the log files and then the destination")
    key = client_ip_key_file.read_bytes().strip() if client_ip_key_file else None
    done = ac.convert(
        locations[:-1],
        locations[-1],
        table=table,
        **which.reading,
        refresh="replace" if refresh else "report",
        client_ip=client_ip,  # type: ignore[arg-type]  (checked there)
        client_ip_key=key,
        drop_columns=drop_columns or (),
        pseudonymize_columns=pseudonymize_columns or (),
    )
    print_facts(done.to_dict(), format)


@takes_which
def check(
    which: Which,
    dest: Dataset,
    source: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SRC]...", help="The log files it was made from, to read again."),
    ] = None,
    table: TableOrAll = None,
    format: TableFormat = Format.table,
) -> None:
    """Prove that a dataset holds what its records say, and each line of its sources once."""
    result = ac.check(dest, source or None, table=table, storage_options=which.storage_options)
    print_table(result.table, format)
    for fault in result.faults:
        say(fault)
    if not result.ok:
        raise typer.Exit(1)


@takes_which
def compact(
    which: Which,
    dest: Dataset,
    before: Annotated[
        datetime | None,
        typer.Option(parser=parse_time, metavar="DATE", help="Only dates before this one."),
    ] = None,
    table: TableOrAll = None,
    target_size: Annotated[
        int,
        typer.Option(parser=parse_size, metavar="SIZE", help="Size of a file, such as 256MiB."),
    ] = 256 << 20,
    format: Annotated[
        Summary,
        typer.Option("--format", help="table, or json: one line, for cron and monitoring."),
    ] = Summary.table,
) -> None:
    """Merge each date's small files into large ones; safe to stop at any point."""
    done = ac.compact(
        dest,
        before=before.date() if before else None,
        table=table,
        target_size=target_size,
        storage_options=which.storage_options,
    )
    print_facts(done.to_dict(), format)


def schema(
    table: Table = "connections",
    format: Annotated[
        Literal["md", "json"], typer.Option("--format", help="Markdown table, or JSON.")
    ] = "md",
) -> None:
    """Print the contract: every column's name, types, unit and meaning."""
    from albconn.dataset.contract import schema_json, schema_markdown

    sys.stdout.write(schema_markdown(table) if format == "md" else schema_json(table))


@takes_which
def ddl(
    which: Which,
    dest: Dataset,
    dialect: Annotated[
        Literal["athena", "spark", "duckdb"], typer.Option(help="Whose SQL.")
    ] = "athena",
    table: Annotated[
        str,
        typer.Option(metavar="NAME", help="The name that it gets; requests is that table's."),
    ] = "connections",
    of: Annotated[
        Literal["connections", "requests"] | None,
        typer.Option(help="Which table of the dataset, where its name does not tell."),
    ] = None,
) -> None:
    """Print the SQL that makes a dataset a table of another engine."""
    from albconn.dataset.contract import ddl as make_ddl

    sys.stdout.write(
        make_ddl(dest, dialect=dialect, table=table, of=of, storage_options=which.storage_options)
    )
