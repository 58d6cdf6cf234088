#!/usr/bin/env python3
"""statistics.interval.ms: lines in librdkafka's form, held against those of librdkafka itself at the same broker."""
import json
import os
import re
import subprocess
import sys

import cli_support
from cli_support import Running
from tap import Failed, Skip, Tap, wait_until

RECORDS = 500
# Where ours differ in type or meaning on purpose: none.
KNOWN_DIFFERENCES = {}


def objects(text):
    """Statistics among the whole lines of a text; the last one may still be being written."""
    found = []
    for line in text[:text.rfind("\n") + 1].splitlines():
        if not line.startswith("{"):
            continue
        try:
            found.append(json.loads(line))
        except ValueError as why:
            raise Failed("no JSON: %s: %s" % (why, line[:200])) from None
    return found


def their_statistics(bootstrap, group):
    """What librdkafka says after it has read and committed everything, as a member of a group."""
    program = os.environ.get("STATISTICS")
    if not program:
        raise Skip("librdkafka's headers are not installed")
    words = [program, bootstrap, group, "t", "5000"]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    found = [one for one in objects(done.stdout.decode()) if "0" in one.get("topics", {}).get("t", {}).get("partitions", {})]
    if not found:
        raise Failed("librdkafka said nothing: " + done.stderr.decode(errors="replace")[-500:])
    return found[-1]


def our_statistics(bootstrap, group):
    with Running("consume", "-b", bootstrap, "-X", "statistics.interval.ms=200", "-X", "auto.offset.reset=earliest",
                 "-X", "auto.commit.interval.ms=100", "-G", group, "-t", "t") as running:

        def caught_up():
            found = objects(running.err)
            return len(found) >= 2 and found[-1]["topics"].get("t") and all(
                one["committed_offset"] == one["hi_offset"] == RECORDS // 2 and one["consumer_lag"] == 0
                for one in found[-1]["topics"]["t"]["partitions"].values())

        wait_until(caught_up, "statistics of a consumer that has read and committed everything", 30, 0.1)
        text = running.err
        running.end()
    return objects(text)


def compare(ours, theirs, path, problems):
    """Keys of ours that librdkafka has, too, must have the same type there; the others must be none."""
    if type(ours) is not type(theirs):
        problems.append("%s is %r here, %r there" % (path, ours, theirs))
        return
    if not isinstance(ours, dict):
        return
    for key, value in ours.items():
        where = path + "." + key
        if key in theirs:
            compare(value, theirs[key], where, problems)
        elif where not in KNOWN_DIFFERENCES:
            problems.append("%s is not known there" % where)


def broker_of(statistics, node_id):
    for one in statistics["brokers"].values():
        if one["nodeid"] == node_id:
            return one
    raise Failed("no broker %d in %s" % (node_id, sorted(statistics["brokers"])))


def same_keys(ours, theirs):
    problems = []
    plain = {key: value for key, value in ours.items() if key not in ("brokers", "topics")}
    compare(plain, theirs, "top", problems)
    mine, others = dict(broker_of(ours, 1)), dict(broker_of(theirs, 1))
    toppars, requests = mine.pop("toppars"), mine.pop("req")
    compare(mine, others, "broker", problems)
    compare(toppars["t-0"], next(iter(others["toppars"].values()), toppars["t-0"]), "toppar", problems)
    for name in requests:
        if name not in others["req"] and name != "Unknown":
            problems.append("request %s is not known there" % name)
    topic, other_topic = dict(ours["topics"]["t"]), theirs["topics"]["t"]
    partitions = topic.pop("partitions")
    compare(topic, other_topic, "topic", problems)
    compare(partitions["0"], other_topic["partitions"]["0"], "partition", problems)
    if problems:
        raise Failed("; ".join(problems))


def same_figures(tap, ours, theirs):
    for number in ("0", "1"):
        mine, other = ours["topics"]["t"]["partitions"][number], theirs["topics"]["t"]["partitions"][number]
        for key in ("partition", "broker", "leader", "committed_offset", "lo_offset", "hi_offset", "ls_offset",
                    "app_offset", "stored_offset", "consumer_lag", "consumer_lag_stored", "rxmsgs", "fetch_state"):
            tap.equal(mine[key], other[key], "%s of partition %s" % (key, number))
    for key in ("assignment_size", "state", "join_state"):
        tap.equal(ours["cgrp"][key], theirs["cgrp"][key], "cgrp." + key)


def documented():
    """Families that docs/statistics.md lists, and those that the sources write."""
    page = (cli_support.ROOT / "docs/statistics.md").read_text(encoding="utf-8")
    sources = "".join((cli_support.ROOT / name).read_text(encoding="utf-8") for name in (
        "client/statistics/prometheus.cpp", "client/events_text.cpp", "group/statistics_text.cpp"))
    return set(re.findall(r"^\| `(barnabas_\w+)` \|", page, re.M)), set(re.findall(r'"(barnabas_\w+)"', sources))


def main():
    tap = Tap()
    with tap.case("docs/statistics.md names each family, and no other"):
        named, written = documented()
        tap.equal(sorted(named), sorted(written), "families")
    with cli_support.broker("-t", "t:2") as broker:
        bootstrap = broker.bootstrap()
        for partition in (0, 1):
            text = "".join("record %d\n" % number for number in range(RECORDS // 2))
            cli_support.run("produce", "-b", bootstrap, "-t", "t", "-p", partition, stdin=text.encode()).expect(0)
        lines, theirs = [], {}
        with tap.case("a line each interval, counters that only grow"):
            lines = our_statistics(bootstrap, "ours")
            tap.check(len(lines) >= 2, "only %d lines" % len(lines))
            for before, after in zip(lines, lines[1:]):
                for key in ("ts", "tx", "rx", "tx_bytes", "rx_bytes", "rxmsgs"):
                    tap.check(after[key] >= before[key], "%s shrinks" % key)
            tap.equal(lines[-1]["rxmsgs"], RECORDS, "records")
        with tap.case("librdkafka has statistics at the same broker"):
            theirs = their_statistics(bootstrap, "theirs")
        if lines and theirs:
            with tap.case("each key has the type that librdkafka gives it"):
                same_keys(lines[-1], theirs)
            with tap.case("offsets, lag and membership are the same as librdkafka's"):
                same_figures(tap, lines[-1], theirs)
        with tap.case("no lines without the option"):
            done = cli_support.run("consume", "-b", bootstrap, "-t", "t", "-e", "-q").expect(0)
            tap.equal(objects(done.err), [], "lines")
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
