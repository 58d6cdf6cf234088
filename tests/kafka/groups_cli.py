#!/usr/bin/env python3
"""`barnabas groups` at a real broker, beside Kafka's own tools: classic groups, those of KIP-848, share groups."""
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(ROOT / "tests/peer")]

import barnabas  # noqa: E402
from cli_support import run  # noqa: E402
from kafka import Cluster, Unavailable, jars, wire  # noqa: E402
from tap import Tap, skip_all, wait_until  # noqa: E402

VERSION = "4.3.1"
TOOLS = "org.apache.kafka.tools."
LIMIT_S = 40
RECORDS = 30


class Tools:
    """Kafka's own command-line tools."""

    def __init__(self, cluster):
        self.cluster = cluster

    def run(self, name, *words):
        done = self.cluster.tool(TOOLS + name, "--bootstrap-server", self.cluster.bootstrap, *words)
        return done.stdout.decode()

    def rows(self, name, *words):
        """The lines of a table as dictionaries."""
        lines = [line.split() for line in self.run(name, *words).splitlines() if line.strip()]
        titles = next((line for line in lines if "GROUP" in line), [])
        return [dict(zip(titles, line)) for line in lines if line != titles and len(line) == len(titles)]

    def start(self, name, *words):
        """A tool that stays, as a context."""
        command = jars.java_command(VERSION, TOOLS + name, "--bootstrap-server", self.cluster.bootstrap, *words)
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(at, *words):
    return json.loads(run("groups", words[0], "-b", at, *words[1:], "--output", "json").expect(0).out)


def groups(at, *words):
    return run("groups", words[0], "-b", at, *words[1:])


def ours(rows_of_ours):
    """In Kafka's words, for comparison."""
    def text(value):
        return "-" if value is None else str(value)
    return sorted((row["topic"], text(row["partition"]), text(row["offset"]), text(row["log_end"]), text(row["lag"]),
                   text(row["member"]), text(row["host"]), text(row["client_id"])) for row in rows_of_ours)


def theirs(rows_of_theirs):
    return sorted((row["TOPIC"], row["PARTITION"], row["CURRENT-OFFSET"], row["LOG-END-OFFSET"], row["LAG"],
                   row["CONSUMER-ID"], row["HOST"], row["CLIENT-ID"]) for row in rows_of_theirs)


def wait_for_group(at, group, state="Stable", kind="classic"):
    wait_until(lambda: any((row["group"], row["state"], row["type"]) == (group, state, kind) for row in rows(at, "list")),
               "%s is %s and %s" % (group, state, kind), LIMIT_S)


def fill(cluster, topic, partitions):
    cluster.create_topic(topic, partitions)
    for partition in range(partitions):
        lines = b"".join(b"%s %d\n" % (topic.encode(), number) for number in range(RECORDS))
        run("produce", "-b", cluster.bootstrap, "-t", topic, "-p", partition, "-q", stdin=lines).expect(0)


def live_groups(tap, cluster, tools):
    """A classic member and one of KIP-848 at the same time."""
    at = cluster.bootstrap
    reader = barnabas.Process("barnabas", "consume", "-b", at, "-G", "classic", "-o", "beginning", "orders",
                              "-X", "auto.commit.interval.ms=200", "-q", name="reader")
    java = tools.start("consumer.ConsoleConsumer", "--topic", "orders", "--group", "next", "--from-beginning",
                       "--command-property", "group.protocol=consumer",
                       "--command-property", "auto.commit.interval.ms=200")
    with reader, java:
        wait_for_group(at, "classic")
        wait_for_group(at, "next", kind="consumer")
        for group in ("classic", "next"):
            wait_until(lambda name=group: all(row["lag"] == 0 for row in rows(at, "lag", name)), "all is read", LIMIT_S)
        told = tools.rows("consumer.group.ConsumerGroupCommand", "--describe", "--all-groups")
        for group, kind in (("classic", "classic"), ("next", "consumer")):
            with tap.case("%s group with a member: described as by Kafka's tool" % kind):
                described = rows(at, "describe", group)[0]
                tap.equal((described["type"], described["state"]), (kind, "Stable"), "group")
                tap.equal(ours(described["partitions"]), theirs([row for row in told if row["GROUP"] == group]), "rows")
                tap.equal([one["partitions"] for one in described["members"]], [3], "partitions of the members")
        with tap.case("consumer group: epochs, assignor and target assignment"):
            described = rows(at, "describe", "next")[0]
            tap.equal((described["assignor"], described["epoch"] >= 1), ("uniform", True), "group")
            tap.equal(described["members"][0]["target"], described["members"][0]["assignment"], "target")
        with tap.case("groups with members are neither reset nor deleted"):
            for group in ("classic", "next"):
                words = ("reset", group, "--topic", "orders", "--to-earliest", "--execute")
                groups(at, *words).expect(1, group, "Stable", "stop them first")
                groups(at, "delete", group).expect(1, "NON_EMPTY_GROUP")
                groups(at, "delete-offsets", group, "--topic", "orders").expect(1, "GROUP_SUBSCRIBED_TO_TOPIC")
        java.terminate()
        tap.equal(reader.terminate(15), 130, "exit code of the reader")
    wait_for_group(at, "classic", "Empty")
    wait_for_group(at, "next", "Empty", "consumer")


def resets(tap, cluster, tools):
    at = cluster.bootstrap
    for group in ("classic", "next"):
        with tap.case("%s: a plan as Kafka's tool makes it, carried out" % group):
            target = ("--group", group, "--topic", "orders:0,2", "--shift-by", "-7")
            plan = tools.rows("consumer.group.ConsumerGroupCommand", "--reset-offsets", "--dry-run", *target)
            mine = json.loads(run("groups", "--bootstrap-server", at, "--reset-offsets", "--dry-run", *target, "-J")
                              .expect(0).out)
            tap.equal(sorted((row["topic"], str(row["partition"]), str(row["new"])) for row in mine),
                      sorted((row["TOPIC"], row["PARTITION"], row["NEW-OFFSET"]) for row in plan), "plan")
            tap.equal(len(mine), 2, "rows")
            tap.equal(wire.committed(cluster.addresses, group, "orders", range(3)), {0: 30, 1: 30, 2: 30}, "before")
            groups(at, "reset", group, *target[2:], "--execute").expect(0)
            tap.equal(wire.committed(cluster.addresses, group, "orders", range(3)), {0: 23, 1: 30, 2: 23}, "after")
    with tap.case("by time, and out of the log"):
        tap.equal([row["new"] for row in rows(at, "reset", "next", "--all-topics", "--by-duration", "PT1H")], [0, 0, 0], "an hour")
        tap.equal([row["new"] for row in rows(at, "reset", "next", "--all-topics", "--to-datetime", "2100-01-01")],
                  [30, 30, 30], "later than all")
        row = rows(at, "reset", "next", "--topic", "orders:1", "--to-offset", "500")[0]
        tap.equal((row["new"], "500 was asked for" in row["note"]), (30, True), "beyond the end")
    with tap.case("what Kafka's tool exports is imported, and the reverse"):
        export = tools.run("consumer.group.ConsumerGroupCommand", "--reset-offsets", "--group", "classic", "--all-topics",
                           "--to-current", "--export", "--dry-run")
        lines = "".join(sorted(line + "\n" for line in export.splitlines() if line.count(",") == 2))
        tap.equal(groups(at, "export", "classic", "--output", "csv").expect(0).out.decode(), lines, "export")
        run("groups", "import", "-b", at, "copy", "-", "--execute", stdin=lines.encode()).expect(0)
        tap.equal(wire.committed(cluster.addresses, "copy", "orders", range(3)), {0: 23, 1: 30, 2: 23}, "imported")
    with tap.case("offsets and groups are deleted"):
        groups(at, "delete-offsets", "copy", "--topic", "orders:1").expect(0)
        tap.equal(wire.committed(cluster.addresses, "copy", "orders", range(3)), {0: 23, 1: -1, 2: 23}, "after")
        groups(at, "delete", "copy", "next").expect(0)
        tap.equal([row["group"] for row in rows(at, "list")], ["classic"], "what is left")
        groups(at, "describe", "next").expect(1, "GROUP_ID_NOT_FOUND")
    with tap.case("a topic that is deleted takes its offsets along"):
        cluster.create_topic("gone", 1)
        groups(at, "reset", "classic", "--topic", "gone", "--to-latest", "--execute").expect(0)
        run("topics", "delete", "-b", at, "gone").expect(0)
        wait_until(lambda: {row["topic"] for row in rows(at, "offsets", "classic")} == {"orders"}, "only orders", LIMIT_S)


def share(tap, cluster, tools):
    at = cluster.bootstrap
    group = "shared"
    tools.cluster.tool("kafka.admin.ConfigCommand", "--bootstrap-server", at, "--alter", "--entity-type", "groups",
                       "--entity-name", group, "--add-config", "share.auto.offset.reset=earliest")
    with tools.start("consumer.ConsoleShareConsumer", "--topic", "orders", "--group", group) as java:
        wait_for_group(at, group, kind="share")
        with tap.case("share group with a member: described, with offsets as by Kafka's tool"):
            wait_until(lambda: [row["lag"] for row in rows(at, "lag", group)] == [0, 0, 0], "all is read", LIMIT_S)
            described = rows(at, "describe", group)[0]
            tap.equal((described["type"], described["state"], len(described["members"])), ("share", "Stable", 1), "group")
            told = tools.rows("consumer.group.ShareGroupCommand", "--describe", "--group", group)
            tap.equal(sorted((row["topic"], str(row["partition"]), str(row["offset"]), str(row["lag"]))
                             for row in described["partitions"]),
                      sorted((row["TOPIC"], row["PARTITION"], row["START-OFFSET"], row["LAG"]) for row in told), "rows")
            groups(at, "reset", group, "--topic", "orders", "--to-earliest", "--execute").expect(1, "Stable")
        java.terminate()
    wait_for_group(at, group, "Empty", "share")
    with tap.case("share group: reset, offsets deleted, group deleted"):
        plan = rows(at, "reset", group, "--all-topics", "--to-offset", "4", "--execute")
        tap.equal([(row["partition"], row["new"], row["note"]) for row in plan], [(p, 4, None) for p in range(3)], "plan")
        tap.equal([row["offset"] for row in rows(at, "offsets", group)], [4, 4, 4], "offsets")
        tap.equal([row["lag"] for row in rows(at, "lag", group)], [RECORDS - 4] * 3, "lag")
        groups(at, "delete-offsets", group, "--topic", "orders:1").expect(2, "whole topics")
        groups(at, "delete-offsets", group, "--topic", "orders").expect(0)
        tap.equal(rows(at, "offsets", group), [], "offsets that are left")
        groups(at, "delete", group).expect(0)
        tap.equal([row["group"] for row in rows(at, "list", "--type", "share")], [], "groups that are left")


def main():
    try:
        with Cluster(VERSION) as cluster:
            tap = Tap()
            tools = Tools(cluster)
            fill(cluster, "orders", 3)
            live_groups(tap, cluster, tools)
            resets(tap, cluster, tools)
            share(tap, cluster, tools)
    except Unavailable as reason:
        skip_all(reason)
    tap.done()


if __name__ == "__main__":
    main()
