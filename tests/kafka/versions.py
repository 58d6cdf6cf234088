#!/usr/bin/env python3
"""Brokers of many ages, one after the other: what barnabas writes, reads, commits and resets there.

  versions.py 0.9.0.1 0.10.0.1 …     these versions, TAP; `all` = every one that starts on JDK 17
  versions.py --table all            the same as a table for docs/versions.md
"""
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(ROOT / "tests/peer")]

import barnabas  # noqa: E402
from cli_support import run  # noqa: E402
from kafka import Cluster, Unavailable, jars  # noqa: E402
from tap import Failed, Tap, skip_all  # noqa: E402

ALL = ("0.8.2.2 0.9.0.1 0.10.0.1 0.10.1.1 0.10.2.2 0.11.0.3 1.0.2 1.1.1 2.0.1 2.1.1 2.2.2 2.3.1 2.4.1 2.8.2 3.0.2 3.7.2 "
       "3.9.2 4.0.1 4.1.2 4.2.1 4.3.1").split()
RECORDS = 500
LIMIT_S = 90
WAIT = ("--timeout-ms", "30000", "-q")


def lines(what):
    return [("%s %04d %s" % (what, number, "x" * (number % 50))).encode() for number in range(RECORDS)]


def codecs_of(version):
    return ["none", "gzip", "snappy", "lz4"] + (["zstd"] if jars.parts(version) >= (2, 1) else [])


def produce(at, topic, values, *more):
    run("produce", "-b", at, "-t", topic, *WAIT, *more, stdin=b"".join(value + b"\n" for value in values),
        limit_s=LIMIT_S).expect(0)


def consume(at, topic, *more):
    return run("consume", "-b", at, "-t", topic, *WAIT, *more, limit_s=LIMIT_S).expect(0).out.splitlines()


def codecs(tap, cluster, version):
    for codec in codecs_of(version):
        topic = "codec-" + codec
        cluster.create_topic(topic)
        produce(cluster.bootstrap, topic, lines(codec), "-z", codec)
        tap.equal(consume(cluster.bootstrap, topic, "-e"), lines(codec), "what was written with %s" % codec)


def keys(tap, cluster, _):
    cluster.create_topic("keys", 3)
    produce(cluster.bootstrap, "keys", [b"%d:%d" % (number % 7, number) for number in range(RECORDS)], "-K", ":")
    got = consume(cluster.bootstrap, "keys", "-e", "-f", r"%k:%s\n")
    tap.equal(sorted(got), sorted(b"%d:%d" % (number % 7, number) for number in range(RECORDS)), "keys and values")


def seen_from_outside(tap, at):
    """What `barnabas groups` knows about the group, and that it can be moved."""
    def rows(command, *words):
        return json.loads(run("groups", command, "-b", at, "-J", *words, limit_s=LIMIT_S).expect(0).out)

    described = rows("describe", "readers")[0]
    tap.check(described["state"] in ("Empty", "Dead"), "state: %s" % described["state"])  # Dead before 0.10.2
    tap.equal(sum(row["offset"] for row in described["partitions"]), 2 * RECORDS, "sum of the offsets")
    tap.equal([row["lag"] for row in described["partitions"]], [0, 0], "lag")
    rows("reset", "readers", "--all-topics", "--to-earliest", "--execute", "-q")
    tap.equal([row["offset"] for row in rows("offsets", "readers")], [0, 0], "offsets after the reset")


def group(tap, cluster, version):
    """Commits are what a second member of the same group goes on from."""
    cluster.create_topic("grouped", 2)
    at, member = cluster.bootstrap, ("-G", "readers", "-X", "session.timeout.ms=10000", "-o", "beginning")
    produce(at, "grouped", lines("first"))
    tap.equal(sorted(consume(at, "grouped", *member, "-c", RECORDS)), sorted(lines("first")), "the first member's")
    produce(at, "grouped", lines("second"))
    tap.equal(sorted(consume(at, "grouped", *member, "-c", RECORDS)), sorted(lines("second")), "the second member's")
    if jars.parts(version) >= (0, 10):
        seen_from_outside(tap, at)


def reset(tap, cluster, _):
    """An offset behind the end of the log is out of range; the policy says to begin anew."""
    cluster.create_topic("reset")
    produce(cluster.bootstrap, "reset", lines("reset"))
    tap.equal(consume(cluster.bootstrap, "reset", "-o", "100000", "-c", RECORDS), lines("reset"), "after the reset")


COLUMNS = (("produce and consume, every codec", codecs, (0, 8)), ("keys", keys, (0, 8)), ("group", group, (0, 9)),
           ("reset", reset, (0, 8)))


def check(tap, version, table):
    results = []
    try:
        with Cluster(version) as cluster:
            for name, action, since in COLUMNS:
                if jars.parts(version) < since:
                    results.append("–")
                    continue
                failed_before = tap.failures
                with tap.case("%s: %s" % (version, name)):
                    action(tap, cluster, version)
                results.append("ok" if tap.failures == failed_before else "FAILED")
    except (RuntimeError, Failed) as why:
        with tap.case("%s: starts" % version):
            raise Failed(str(why)) from None
    if table:
        print("| %s | %s |" % (version, " | ".join(results)), flush=True)


def main():
    words = [word for word in sys.argv[1:] if word != "--table"]
    table = "--table" in sys.argv
    barnabas.program()
    tap = Tap()
    try:
        jars.java()
        if table:
            print("| broker | %s |" % " | ".join(name for name, _, _ in COLUMNS))
            print("|---%s|" % ("|---" * len(COLUMNS)))
        for version in ALL if words == ["all"] else words:
            check(tap, version, table)
    except Unavailable as why:
        skip_all(str(why))
    tap.done()


if __name__ == "__main__":
    main()
