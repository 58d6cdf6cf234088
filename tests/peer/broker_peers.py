#!/usr/bin/env python3
"""Other people's clients against `barnabas broker`: what they write and read must be what went in, for every codec."""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
import clients  # noqa: E402
from tap import Tap, need  # noqa: E402

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
RECORDS = 1000


def lines_of(what):
    """Values that compress a little, differ all, and are not all ASCII."""
    return ["%s %05d %s é" % (what, number, "abc" * (number % 17)) for number in range(RECORDS)]


def text(lines):
    return "\n".join(lines) + "\n"


def main():
    need("kcat")
    tap = Tap()
    topics = [option for codec in CODECS for option in ("-t", "ours-%s:1" % codec, "-t", "theirs-%s:1" % codec)]
    with barnabas.Process("barnabas", "broker", "--nodes", 3, "--port", 0, "-t", "grouped:4", "-t", "raced:4", *topics,
                          name="broker", first_line=True) as broker:
        bootstrap = broker.bootstrap()
        for codec in CODECS:
            lines = lines_of("written by barnabas with " + codec)
            with tap.case("barnabas produces with %s, kcat reads the same" % codec):
                clients.barnabas_produce(bootstrap, "ours-" + codec, lines, codec)
                tap.equal(clients.kcat_consume(bootstrap, "ours-" + codec), lines, "values")
            with tap.case("barnabas produces with %s, barnabas reads the same" % codec):
                tap.equal(clients.barnabas_consume(bootstrap, "ours-" + codec), lines, "values")
            with tap.case("barnabas produces with %s, Java reads the same" % codec):
                tap.equal(clients.java_consume(bootstrap, "ours-" + codec, RECORDS), lines, "values")
            with tap.case("barnabas produces with %s, franz-go reads the same" % codec):
                tap.equal(clients.go_consume(bootstrap, "ours-" + codec, RECORDS), lines, "values")
        for codec in CODECS:
            lines = lines_of("written by kcat with " + codec)
            with tap.case("kcat produces with %s, barnabas and kcat read the same" % codec):
                clients.kcat_produce(bootstrap, "theirs-" + codec, lines, codec)
                tap.equal(clients.barnabas_consume(bootstrap, "theirs-" + codec), lines, "values by barnabas")
                tap.equal(clients.kcat_consume(bootstrap, "theirs-" + codec), lines, "values by kcat")
        with tap.case("kcat in a group reads all partitions once, and goes on from its commits"):
            first, second = lines_of("first"), lines_of("second")
            clients.kcat_produce(bootstrap, "grouped", first)
            tap.equal(sorted(clients.kcat_group(bootstrap, "kcats", "grouped", len(first))), sorted(first), "first run")
            clients.kcat_produce(bootstrap, "grouped", second)
            tap.equal(sorted(clients.kcat_group(bootstrap, "kcats", "grouped", len(second))), sorted(second), "second run")
        with tap.case("two kcats in a group share the partitions"):
            share_a_group(tap, bootstrap)
        with tap.case("the broker is still well"):
            tap.check(broker.alive(), "it ended: " + broker.tail())
            tap.equal(broker.terminate(10), 0, "exit code at SIGTERM")
    tap.done()


def share_a_group(tap, bootstrap):
    lines = lines_of("shared")
    with clients.kcat_member(bootstrap, "pair", "raced") as one, clients.kcat_member(bootstrap, "pair", "raced") as two:
        one.wait_assigned()
        two.wait_assigned()
        for partition in range(4):
            clients.kcat_produce(bootstrap, "raced", lines[partition::4], partition=partition)
        got_one, got_two = clients.wait_for_lines([one, two], len(lines))
        tap.equal(sorted(got_one + got_two), sorted(lines), "values of both")
        tap.check(got_one and got_two, "one of them got nothing: %d and %d" % (len(got_one), len(got_two)))


if __name__ == "__main__":
    main()
