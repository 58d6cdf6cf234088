#!/usr/bin/env python3
"""One real broker: topics, every codec in both directions with kcat, and a group that goes on from its commits.

  smoke.py VERSION
"""
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(ROOT / "tests/peer")]

import barnabas  # noqa: E402
import clients  # noqa: E402
from kafka import Cluster, Unavailable, wire  # noqa: E402
from tap import Tap, need, skip_all  # noqa: E402

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
RECORDS = 2000


def lines_of(what):
    return ["%s %05d %s é" % (what, number, "abc" * (number % 17)) for number in range(RECORDS)]


def topics(tap, bootstrap):
    with tap.case("topics: create, list, describe, delete"):
        barnabas.run("barnabas", "topics", "create", "-b", bootstrap, "made", "--partitions", 3, "--config",
                     "retention.ms=60000")
        tap.check("made" in barnabas.run("barnabas", "topics", "list", "-b", bootstrap).split(), "not listed")
        described = json.loads(barnabas.run("barnabas", "topics", "describe", "-b", bootstrap, "made", "--json"))
        tap.equal((described["topic"], len(described["partitions"])), ("made", 3), "description")
        barnabas.run("barnabas", "topics", "delete", "-b", bootstrap, "made")
        tap.check("made" not in barnabas.run("barnabas", "topics", "list", "-b", bootstrap).split(), "still listed")
    with tap.case("topics: creating what exists and describing what does not are errors that say so"):
        barnabas.run("barnabas", "topics", "create", "-b", bootstrap, "twice")
        again = barnabas.run("barnabas", "topics", "create", "-b", bootstrap, "twice", check=False)
        tap.check(again.returncode == 1 and "TOPIC_ALREADY_EXISTS" in again.stderr, again.stderr)
        missing = barnabas.run("barnabas", "topics", "describe", "-b", bootstrap, "no-such", check=False)
        tap.check(missing.returncode == 1 and "UNKNOWN_TOPIC_OR_PARTITION" in missing.stderr, missing.stderr)


def codecs(tap, cluster):
    for codec in CODECS:
        lines = lines_of(codec)
        with tap.case("%s: barnabas writes, barnabas and kcat read the same" % codec):
            cluster.create_topic("ours-" + codec)
            clients.barnabas_produce(cluster.bootstrap, "ours-" + codec, lines, codec)
            tap.equal(clients.kcat_consume(cluster.bootstrap, "ours-" + codec), lines, "values by kcat")
            tap.equal(clients.barnabas_consume(cluster.bootstrap, "ours-" + codec), lines, "values by barnabas")
        with tap.case("%s: kcat writes, barnabas reads the same" % codec):
            cluster.create_topic("theirs-" + codec)
            clients.kcat_produce(cluster.bootstrap, "theirs-" + codec, lines, codec)
            tap.equal(clients.barnabas_consume(cluster.bootstrap, "theirs-" + codec), lines, "values")


def group(tap, cluster):
    with tap.case("a group reads all partitions, commits, and goes on from there"):
        cluster.create_topic("grouped", 4)
        first, second = lines_of("first"), lines_of("second")
        clients.kcat_produce(cluster.bootstrap, "grouped", first)
        got = clients.barnabas_group(cluster.bootstrap, "readers", "grouped")
        tap.equal(sorted(got), sorted(first), "first run")
        committed = wire.committed(cluster.addresses, "readers", "grouped", range(4))
        ends = wire.log_ends(cluster.addresses, "grouped")
        tap.equal({p: max(0, offset) for p, offset in committed.items()}, ends, "committed offsets")
        clients.kcat_produce(cluster.bootstrap, "grouped", second)
        got = clients.barnabas_group(cluster.bootstrap, "readers", "grouped")
        tap.equal(sorted(got), sorted(second), "second run")


def main():
    version = sys.argv[1] if len(sys.argv) > 1 else "4.3.1"
    need("kcat")
    try:
        with Cluster(version) as cluster:
            tap = Tap()
            topics(tap, cluster.bootstrap)
            codecs(tap, cluster)
            group(tap, cluster)
    except Unavailable as reason:
        skip_all(reason)
    tap.done()


if __name__ == "__main__":
    main()
