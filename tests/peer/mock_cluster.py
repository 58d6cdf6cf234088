#!/usr/bin/env python3
"""Our client against a broker written by other people: librdkafka's mock cluster."""
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
import clients  # noqa: E402
from tap import Tap, skip_all  # noqa: E402

# librdkafka's numbers of APIs and errors
FETCH, PRODUCE, NOT_LEADER, LEADER_NOT_AVAILABLE = 1, 0, 6, 5
RECORDS = 2000


def lines_of(what, count=RECORDS):
    return ["%s %05d" % (what, number) for number in range(count)]


def main():
    program = os.environ.get("MOCK_CLUSTER", "")
    if not program:
        skip_all("librdkafka-dev is not installed, so its mock cluster could not be built")
    tap = Tap()
    # One partition a broker: Debian's mock (2.0.2) writes the leader epochs of a ListOffsets answer 8 bytes wide, so an
    # answer for several partitions cannot be read.
    topics = ["codec-%s:1:3" % codec for codec in ("none", "gzip", "snappy", "lz4", "zstd")]
    with barnabas.Process(program, 3, "spread:3:3", "moved:1:3", "failing:1:3", *topics, name="mock", first_line=True,
                          stdin=True) as mock:
        bootstrap = mock.bootstrap()
        for partition in range(3):  # the mock draws leaders by chance
            tap.equal(mock.tell("leader spread %d %d" % (partition, partition + 1)), "ok", "mock")
        for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
            lines = lines_of("with " + codec)
            with tap.case("%s: what barnabas writes, barnabas and kcat read" % codec):
                clients.barnabas_produce(bootstrap, "codec-" + codec, lines, codec)
                tap.equal(clients.barnabas_consume(bootstrap, "codec-" + codec), lines, "values by barnabas")
                tap.equal(clients.kcat_consume(bootstrap, "codec-" + codec), lines, "values by kcat")
        with tap.case("partitions on three brokers: written and read"):
            lines = lines_of("spread")
            for partition in range(3):
                clients.barnabas_produce(bootstrap, "spread", lines[partition::3], "none", "-p", str(partition))
            tap.equal(sorted(clients.barnabas_consume(bootstrap, "spread")), lines, "values")
        with tap.case("errors to retry in Produce and Fetch are retried"):
            lines = lines_of("failing")
            tap.equal(mock.tell("errors %d %d 2" % (PRODUCE, NOT_LEADER)), "ok", "mock")
            clients.barnabas_produce(bootstrap, "failing", lines)
            tap.equal(mock.tell("errors %d %d 3" % (FETCH, LEADER_NOT_AVAILABLE)), "ok", "mock")
            tap.equal(clients.barnabas_consume(bootstrap, "failing"), lines, "values")
        with tap.case("a leader that moves between two broker ids is followed while reading"):
            follow_the_leader(tap, mock, bootstrap)
        with tap.case("a group reads everything and commits"):
            with_a_group(tap, bootstrap)
    tap.done()


def follow_the_leader(tap, mock, bootstrap):
    """Half is written and read, the leader moves, the other half must arrive at the same reader."""
    lines = lines_of("moved")
    half = len(lines) // 2
    tap.equal(mock.tell("leader moved 0 1"), "ok", "mock")
    clients.barnabas_produce(bootstrap, "moved", lines[:half])
    words = [barnabas.program(), "consume", "-b", bootstrap, "-t", "moved", "-o", "beginning", "-q", "-c", str(len(lines))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        timer = threading.Timer(60, reader.kill)
        timer.start()
        try:
            got = [reader.stdout.readline().rstrip("\n") for _ in range(half)]
            tap.equal(got, lines[:half], "values before the move")
            tap.equal(mock.tell("leader moved 0 2"), "ok", "mock")
            time.sleep(0.2)
            clients.barnabas_produce(bootstrap, "moved", lines[half:])
            rest, errors = reader.communicate()
        finally:
            timer.cancel()
    tap.equal(rest.splitlines(), lines[half:], "values after the move (%s)" % errors[-500:])
    tap.equal(reader.returncode, 0, "exit code")


def with_a_group(tap, bootstrap):
    lines = lines_of("spread")
    first = clients.barnabas_group(bootstrap, "readers", "spread")
    tap.equal(sorted(first), lines, "first run")
    tap.equal(clients.barnabas_group(bootstrap, "readers", "spread"), [], "second run, after the commits")


if __name__ == "__main__":
    main()
