#!/usr/bin/env python3
"""How long a rebalance pauses partitions: three members on twelve partitions, a record into each every 20 ms; one member
leaves, and later one comes. Barnabas, Java and franz-go with their own defaults, turn about at the same broker.

Told is how late the latest record was, from its acknowledgement to its delivery, for partitions that stay with their member
and for those that move. Whatever else the machine does disturbs all alike. Prints Markdown; no test.

  rebalance_pause.py [--turns 3] [--rounds 3] [--only REGULAR_EXPRESSION] [--heartbeat-ms 500]
"""
import argparse
import collections
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(ROOT / "tests/peer"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
from group_members import Clients, knows_consumer_protocol  # noqa: E402
from kafka import Cluster, Unavailable, batches, wire  # noqa: E402
from produce_many import produce_many  # noqa: E402
from tap import Failed, wait_until  # noqa: E402

PARTITIONS, MEMBERS = 12, 3
TICK_S = 0.02
REST_S = 2.0
PHASE_S = 5.0  # the longest of the heartbeat intervals
PATIENCE_S = 120
WAYS = [("barnabas", "range"), ("java", "range"), ("barnabas", "cooperative-sticky"), ("java", "cooperative-sticky"),
        ("franz-go", "cooperative-sticky"), ("barnabas", "consumer"), ("java", "consumer"), ("franz-go", "consumer")]


class Ticker(threading.Thread):
    """Writes a record into each partition every 20 ms; its number counts the ticks. `acknowledged[n]` is when."""

    def __init__(self, cluster, topic):
        super().__init__(daemon=True)
        self.connection, self.topic = wire.Connection(cluster.addresses[0], timeout_s=30), topic
        self.acknowledged = []
        self.failed = None
        self.stopped = False
        self.start()

    def run(self):
        due = time.monotonic()
        while not self.stopped:
            number, now_ms = len(self.acknowledged), int(time.time() * 1000)
            try:
                produce_many(self.connection, self.topic,
                             {partition: batches.encode([b"%d:%d" % (partition, number)], now_ms)
                              for partition in range(PARTITIONS)})
            except wire.WireError as error:
                # A topic is known a little before its partitions can be written; only the first number is ever repeated.
                if number:
                    self.failed = error
                    return
                time.sleep(TICK_S)
                continue
            self.acknowledged.append(time.monotonic())
            due = max(due + TICK_S, time.monotonic() - TICK_S)
            time.sleep(max(0.0, due - time.monotonic()))

    def stop(self):
        self.stopped = True
        self.join(10)
        self.connection.socket.close()


class Group:
    def __init__(self, cluster, clients, kind, strategy, options, name):
        self.cluster, self.clients, self.kind, self.strategy = cluster, clients, kind, strategy
        self.topic, self.session_ms = name, 4 * options.heartbeat_ms
        self.members, self.gone = [], []
        cluster.create_topic(name, PARTITIONS)
        self.ticker = Ticker(cluster, name)

    def come(self):
        self.members.append(self.clients.start(self.kind, self.cluster.bootstrap, self.topic, self.topic, self.strategy,
                                               self.session_ms))

    def leave(self):
        """The eldest."""
        member = self.members.pop(0)
        self.gone.append(member)
        member.leave(PATIENCE_S)

    def owners(self):
        return {partition: member for member in self.members for partition in member.partitions()}

    def balanced(self):
        share = PARTITIONS // len(self.members)
        return all(len(member.partitions()) == share for member in self.members)

    def wait_rest(self):
        """Until the partitions are shared out evenly, and records that were written after that have come from each."""
        def looking(condition):
            if self.ticker.failed:
                raise Failed("nothing can be written: %s" % self.ticker.failed)
            for member in self.members:
                if not member.alive():
                    raise Failed("%s ended\n%s" % (member.name, member.tail()))
            return condition()

        wait_until(lambda: looking(self.balanced), "each member has its share", PATIENCE_S)
        begin = len(self.ticker.acknowledged)
        wait_until(lambda: looking(lambda: all(self.reached(partition) > begin for partition in range(PARTITIONS))),
                   "records come from each partition", PATIENCE_S)

    def reached(self, partition):
        owner = self.owners().get(partition)
        holding = owner and owner.held.get(partition)
        return holding.records[-1][1] if holding and holding.records else -1

    def latest(self, begin, end):
        """{partition: how late the latest of the records was that were acknowledged in this time, seconds}"""
        came = collections.defaultdict(dict)
        for member in self.members + self.gone:
            for holding in list(member.holdings):
                for _, number, at in holding.records:
                    if at >= begin:
                        came[holding.partition].setdefault(number, at)
                        came[holding.partition][number] = min(came[holding.partition][number], at)
        return {partition: max((max(0.0, came[partition][number] - at)
                                for number, at in enumerate(list(self.ticker.acknowledged))
                                if begin <= at < end and number in came[partition]), default=0.0)
                for partition in range(PARTITIONS)}

    def measure(self, change):
        """(stays, moves): the longest pause of each kind of partition, None where there is none."""
        before, begin = self.owners(), time.monotonic()
        change()
        self.wait_rest()
        after, end = self.owners(), time.monotonic()
        time.sleep(REST_S)
        late = self.latest(begin, end)
        stays = [late[partition] for partition in late if before.get(partition) is after[partition]]
        moves = [late[partition] for partition in late if before.get(partition) is not after[partition]]
        return max(stays, default=None), max(moves, default=None)

    def at_rest(self):
        # Heartbeats are in phase since the last rebalance; what happens next shall not be.
        time.sleep(random.uniform(0, PHASE_S))
        begin = time.monotonic()
        time.sleep(REST_S)
        end = time.monotonic()
        time.sleep(REST_S / 2)
        return max(self.latest(begin, end).values())

    def close(self):
        self.ticker.stop()
        for member in self.members + self.gone:
            member.close()


class Pauses:
    def __init__(self):
        self.rest, self.left, self.came = [], [], []

    def row(self, name):
        cells = [shown(self.rest)]
        for rows in (self.left, self.came):
            cells += [shown([row[0] for row in rows]), shown([row[1] for row in rows])]
        return "| %s | %d | %s |" % (name, len(self.left), " | ".join(cells))


def shown(values):
    values = [value * 1000 for value in values if value is not None]
    return "%.0f / %.0f" % (statistics.median(values), max(values)) if values else "–"


def play(cluster, clients, way, options, turn, pauses):
    kind, strategy = way
    group = Group(cluster, clients, kind, strategy, options, "pause-%s-%s-%d" % (kind, strategy, turn))
    try:
        for _ in range(MEMBERS):
            group.come()
        group.wait_rest()
        for _ in range(options.rounds):
            pauses.rest.append(group.at_rest())
            pauses.left.append(group.measure(group.leave))
            pauses.came.append(group.measure(group.come))
            print("%s %s: at rest %.3f, left %s, came %s" % (kind, strategy, pauses.rest[-1], pauses.left[-1],
                                                             pauses.came[-1]), file=sys.stderr, flush=True)
    finally:
        group.close()


def report(found, options):
    print("%s; %d turns of %d rounds. How late the latest record was, ms, median of the rounds / longest:\n"
          % ("The clients' own heartbeat intervals" if not options.heartbeat_ms
             else "Heartbeats each %d ms" % options.heartbeat_ms, options.turns, options.rounds))
    print("| group | rounds | at rest | one leaves: stay | move | one comes: stay | move |")
    print("|---|---|---|---|---|---|---|")
    for (kind, strategy), pauses in found.items():
        print(pauses.row("%s, %s" % (kind, strategy)))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3, help="in each turn")
    parser.add_argument("--only", default="", help="of 'client, way of dividing'")
    parser.add_argument("--heartbeat-ms", type=int, default=0, help="for all; default: what each has itself")
    parser.add_argument("--version", default="4.3.1")
    return parser.parse_args()


def main():
    options = arguments()
    if not os.access(barnabas.program(), os.X_OK):
        sys.exit("%s is not built" % barnabas.program())
    settings = {}
    if options.heartbeat_ms:
        settings = {"group.min.session.timeout.ms": 1000, "group.consumer.min.heartbeat.interval.ms": 10,
                    "group.consumer.heartbeat.interval.ms": options.heartbeat_ms}
    with tempfile.TemporaryDirectory() as directory, Cluster(options.version, settings=settings) as cluster:
        clients = Clients(Path(directory), sorted({kind for kind, _ in WAYS}))
        for kind, reason in clients.missing.items():
            print("left out: %s: %s" % (kind, reason), file=sys.stderr)
        ways = [way for way in WAYS if way[0] in clients.programs and re.search(options.only, "%s, %s" % way)]
        if ("barnabas", "consumer") in ways and not knows_consumer_protocol(Path(directory)):
            print("left out: barnabas, consumer: the command does not know group.protocol", file=sys.stderr)
            ways.remove(("barnabas", "consumer"))
        found = {way: Pauses() for way in ways}
        for turn in range(options.turns):
            for way in ways:
                try:
                    play(cluster, clients, way, options, turn, found[way])
                except Failed as why:
                    print("FAILED %s, %s: %s" % (*way, why), file=sys.stderr)
        report(found, options)


if __name__ == "__main__":
    try:
        main()
    except Unavailable as unavailable:
        sys.exit("cannot be measured here: %s" % unavailable)
