#!/usr/bin/env python3
"""Groups of several clients at a real Kafka: members by Java, librdkafka, franz-go, sarama and Barnabas come, leave and are
killed, each of them leads at times, and a numbered stream goes on. For each assignor that they share, and for the protocol
in which the broker divides (KIP-848):

 * every acknowledged number is printed by somebody, and each member prints a partition without gaps while it holds it;
 * no partition was in two hands at once (how that is known without trusting any clock's pace: `overlaps`);
 * in the end nobody is stuck: everything is committed, and Kafka's own tool shows each partition once.

  mixed_groups.py                         every assignor for a few changes of members
  mixed_groups.py --minutes 10 --seed 7   by hand; --only WORD, --keep DIRECTORY for what each member printed
"""
import argparse
import collections
import os
import random
import re
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(ROOT / "tests/kafka"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
from group_members import ALL, KNOWN_BY, Clients, knows_consumer_protocol  # noqa: E402
from kafka import Cluster, Unavailable, jars, wire  # noqa: E402
from numbered import BATCH_RECORDS, Writer  # noqa: E402
from tap import Failed, Skip, Tap, skip_all, wait_until  # noqa: E402

PARTITIONS, SESSION_MS = 12, 6000
CHANGES = 4  # of members, in continuous integration
MEMBERS_MIN, MEMBERS_MAX = 2, 8
SETTINGS = {
    "group.consumer.min.session.timeout.ms": 1000,
    "group.consumer.session.timeout.ms": SESSION_MS,
    "group.consumer.min.heartbeat.interval.ms": 100,
    "group.consumer.heartbeat.interval.ms": 500,
}
LED = re.compile(r"Assignment received from leader (\S+)-[0-9a-f]{8}-[0-9a-f-]{27} for group (\S+) for generation (\d+)")


class Play:
    """One group, from its first member to the quiet end."""

    def __init__(self, tap, cluster, clients, strategy, options):
        self.tap, self.cluster, self.clients, self.strategy, self.options = tap, cluster, clients, strategy, options
        self.topic, self.group = "numbers-" + strategy, "mixed-" + strategy
        self.chance = random.Random("%d %s" % (options.seed, strategy))
        self.kinds = clients.kinds(strategy)
        self.living, self.gone = [], []
        self.changes = collections.Counter()
        cluster.create_topic(self.topic, PARTITIONS)
        self.writer = Writer(cluster, self.topic, PARTITIONS)

    @property
    def members(self):
        return self.living + self.gone

    # ---- changes ----------------------------------------------------------------------------------------------------

    def come(self, kind=None):
        kind = kind or self.chance.choice(self.kinds)
        self.living.append(self.clients.start(kind, self.cluster.bootstrap, self.group, self.topic, self.strategy,
                                              SESSION_MS))
        self.changes["come"] += 1

    def go(self, member):
        self.living.remove(member)
        self.gone.append(member)
        if self.chance.random() < 0.5:
            self.changes["killed"] += 1
            member.kill()
        else:
            self.changes["left"] += 1
            member.leave(self.options.patience_s)

    def leaders(self):
        """[(generation, the leader's client id)] as the broker's log tells."""
        log = self.cluster.nodes[1].log.read_text(errors="replace")
        return [(int(generation), name) for name, group, generation in LED.findall(log) if group == self.group]

    def leader(self):
        name = self.leaders()[-1][1] if self.leaders() else None
        return next((member for member in self.living if member.name == name), None)

    def change(self):
        """One more or one less; the leader goes as often as all others together."""
        if len(self.living) <= MEMBERS_MIN or len(self.living) < MEMBERS_MAX and self.chance.random() < 0.4:
            return self.come()
        return self.go(self.chance.random() < 0.5 and self.leader() or self.chance.choice(self.living))

    def churn(self):
        for kind in self.chance.sample(self.kinds, len(self.kinds)):
            self.come(kind)
        self.wait(lambda: all(member.held for member in self.living), "every member has a partition")
        if self.strategy != "consumer":
            self.wait(self.leader, "the broker's log tells who leads")
            self.go(self.leader())
        until = time.monotonic() + self.options.minutes * 60 / len(KNOWN_BY)
        done = 1
        while done < CHANGES or time.monotonic() < until:
            time.sleep(self.chance.uniform(0.2, 3.0))
            self.look()
            self.change()
            done += 1
        present = {member.kind for member in self.living}
        for kind in self.kinds:
            if kind not in present:
                self.come(kind)

    def finish(self):
        """The stream stops; Kafka's own tool says who has what, then all leave."""
        time.sleep(1)
        self.writer.pause(self.options.patience_s)
        ends = wire.log_ends(self.cluster.addresses, self.topic)
        self.wait(lambda: wire.committed(self.cluster.addresses, self.group, self.topic, range(PARTITIONS)) == ends,
                  "everything is committed")
        described = self.wait(self.described_at_rest, "Kafka's tool shows each partition once, all members at rest")
        for member in list(self.living):
            self.living.remove(member)
            self.gone.append(member)
            member.leave(self.options.patience_s)
        return described

    def close(self):
        self.writer.stopped = True
        self.writer.go_on()
        for member in self.members:
            member.close()
        self.writer.stop(10)

    # ---- looking ----------------------------------------------------------------------------------------------------

    def look(self):
        for member in self.living:
            if not member.alive():
                raise Failed("%s ended with %s\n%s" % (member.name, member.process.returncode, member.tail()))

    def wait(self, condition, what):
        def looking():
            self.look()
            return condition()

        try:
            return wait_until(looking, what, self.options.patience_s)
        except Failed as why:
            held = "\n".join("%s holds %s" % (member.name, member.partitions()) for member in self.living)
            raise Failed("%s\n%s" % (why, held)) from None

    def described(self):
        """{client id: partitions} by ConsumerGroupCommand."""
        done = jars.tool(self.cluster.version, "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                         "--bootstrap-server", self.cluster.bootstrap, "--describe", "--group", self.group, "--members",
                         "--verbose")
        found = {}
        for line in done.stdout.decode(errors="replace").splitlines():
            words = line.split()
            name = next((member.name for member in self.members if member.name in words), None)
            if name:
                lists = re.findall(re.escape(self.topic) + r"[:(-]\[?([\d,]+)", line)
                # The consumer protocol shows the assignment and what it shall become.
                found[name] = sorted(int(number) for number in lists[0].split(",")) if lists else []
        return found

    def described_at_rest(self):
        found = self.described()
        at_rest = (sorted(found) == sorted(member.name for member in self.living)
                   and sorted(sum(found.values(), [])) == list(range(PARTITIONS))
                   and all(member.partitions() == found[member.name] for member in self.living))
        return found if at_rest else None


# ---- what must hold -------------------------------------------------------------------------------------------------

class Verdict:
    """What the members of a play printed, judged when all of them have ended."""

    def __init__(self, play):
        self.play, self.writer = play, play.writer
        self.holdings = collections.defaultdict(list)
        for member in play.members:
            for holding in member.holdings:
                self.holdings[holding.partition].append(holding)
        self.records = sum(len(each.records) for held in self.holdings.values() for each in held)

    def missing(self):
        """({partition: numbers that nobody printed}, how many kcat is to blame for)"""
        found = set()
        for partition in self.writer.partitions:
            seen = {number for holding in self.holdings[partition] for _, number, _ in holding.records}
            found |= {(partition, number) for number in range(self.writer.acknowledged(partition)) if number not in seen}
        excused, ended = 0, self.ended_kcats()
        # Who printed the record before is to blame; else one who held the partition and printed nothing.
        for behind in (lambda last, number: last == number - 1, lambda last, _: last is None):
            for partition, number in sorted(found):
                culprit = next((member for member, last in ended.items()
                                if partition in last and behind(last[partition], number)), None)
                if culprit:
                    del ended[culprit]
                    found.discard((partition, number))
                    excused += 1
        return sorted(found), excused

    def ended_kcats(self):
        """{member: {partition: the last number that it printed in its last holding, or None}}. librdkafka stores an offset
        when it hands the record over, and kcat, once told to end, drops the one record that it has in hand: each may lose
        one, the next behind what it printed."""
        return {member: {holding.partition: holding.records[-1][1] if holding.records else None
                         for holding in member.holdings}
                for member in self.play.members if member.kind == "librdkafka"}

    def strays(self):
        return ["%s: offset %d of partition %d, which it did not hold" % (member.name, offset, partition)
                for member in self.play.members for partition, offset, _, _ in member.strays]

    def gaps(self):
        """Offsets that a member left out while it held the partition."""
        found = []
        for partition, held in self.holdings.items():
            for holding in held:
                offsets = [offset for offset, _, _ in holding.records]
                found += ["%s, partition %d: from %d to %d" % (holding.member.name, partition, before, after)
                          for before, after in zip(offsets, offsets[1:]) if after != before + 1]
        return found

    def sent(self, holding):
        """When the youngest record of a holding was sent."""
        return max((self.writer.writes[holding.partition][number // BATCH_RECORDS].sent
                    for _, number, _ in holding.records
                    if number < self.writer.acknowledged(holding.partition)), default=0.0)

    def overlaps(self):
        """Two members that held a partition at once, for certain: each printed a record that was sent after both had
        said that they hold it. What is printed late only hides an overlap, it never makes one."""
        found, excused = [], []
        for partition, held in self.holdings.items():
            spans = [(holding.begin, self.sent(holding), holding) for holding in held]
            for index, (begin, last, one) in enumerate(spans):
                for other_begin, other_last, other in spans[index + 1:]:
                    if one.member is other.member or min(last, other_last) <= max(begin, other_begin):
                        continue
                    # Who was thrown out without knowing it yet can do no better, and says so when it learns of it.
                    thrown_out = "lost" in (one.end, other.end)
                    (excused if thrown_out else found).append(
                        "partition %d: %s (%s) and %s (%s) for %.3f s"
                        % (partition, one.member.name, one.end, other.member.name, other.end,
                           min(last, other_last) - max(begin, other_begin)))
        return found, excused

    def repeats(self):
        """{(how the holding before ended, its kind): records that somebody printed again}"""
        counted = collections.Counter()
        for held in self.holdings.values():
            last = {}
            printed = [(at, offset, holding) for holding in held for offset, _, at in holding.records]
            for _, offset, holding in sorted(printed, key=lambda each: each[:2]):
                if offset in last:
                    counted[last[offset].end, last[offset].member.kind] += 1
                last[offset] = holding
        return counted

    def table(self, described):
        led = collections.Counter(name.rsplit("-", 1)[0] for _, name in self.play.leaders())
        repeats = self.repeats()
        lines = ["| client | members | led | records | printed again: killed before | gave up before | thrown out before | "
                 "partitions in the end |", "|---|---|---|---|---|---|---|---|"]
        for kind in self.play.kinds:
            mine = [member for member in self.play.members if member.kind == kind]
            has = "; ".join(" ".join(map(str, partitions)) for name, partitions in sorted(described.items())
                            if name.rsplit("-", 1)[0] == kind)
            lines.append("| %s | %d | %s | %d | %d | %d | %d | %s |" % (
                kind, len(mine), led[kind] if self.play.strategy != "consumer" else "–",
                sum(member.count() for member in mine), repeats["killed", kind],
                repeats["revoked", kind] + repeats["ended", kind], repeats["lost", kind], has))
        return lines


def run(tap, cluster, clients, strategy, options):
    play = Play(tap, cluster, clients, strategy, options)
    try:
        play.churn()
        described = play.finish()
    except Failed:
        for member in play.living:
            tap.note("---- %s\n%s" % (member.name, member.tail()))
        raise
    finally:
        play.close()
    verdict = Verdict(play)
    overlaps, excused = verdict.overlaps()
    repeats = verdict.repeats()
    tap.note("%s: %d records, %d of them repeats; members: %s; %d generations"
             % (strategy, verdict.records, sum(repeats.values()),
                ", ".join("%d %s" % (count, what) for what, count in sorted(play.changes.items())),
                len(play.leaders())))
    tap.note("\n".join(verdict.table(described)))
    if excused:
        tap.note("thrown out and not yet aware of it:\n" + "\n".join(excused[:5]))
    missing, dropped = verdict.missing()
    if dropped:
        tap.note("kcat dropped %d records that it had in hand when it ended" % dropped)
    tap.equal(missing, [], "(partition, number) that were acknowledged and that nobody printed")
    tap.equal(verdict.strays()[:3], [], "records without a partition")
    tap.equal(verdict.gaps()[:3], [], "offsets left out")
    tap.equal(overlaps[:3], [], "partitions in two hands")
    tap.equal(repeats["revoked", "barnabas"], 0, "records printed again that Barnabas had given up in order")
    if strategy != "consumer":
        tap.check(len({name for _, name in play.leaders()}) > 1, "only one member ever led")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=0.0, help="altogether; default: a few changes for each assignor")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--only", default="", metavar="WORD", help="assignors with this in their names")
    parser.add_argument("--keep", metavar="DIRECTORY", help="where what each member printed stays, with its times")
    parser.add_argument("--patience-s", type=float, default=120, help="with each step")
    parser.add_argument("--version", default="4.3.1")
    return parser.parse_args()


def main():
    options = arguments()
    if not os.access(barnabas.program(), os.X_OK):
        skip_all("%s is not built" % barnabas.program())
    tap = None
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(options.keep or scratch)
        directory.mkdir(parents=True, exist_ok=True)
        try:
            with Cluster(options.version, settings=SETTINGS) as cluster:
                tap = Tap()
                tap.note("seed %d" % options.seed)
                clients = Clients(directory)
                for kind in ALL:
                    with tap.case("%s can be had" % kind):
                        if kind in clients.missing:
                            raise Skip(clients.missing[kind])
                for strategy in KNOWN_BY:
                    if options.only not in strategy:
                        continue
                    with tap.case("%s: %s" % (strategy, ", ".join(clients.kinds(strategy)))):
                        if strategy == "consumer" and not knows_consumer_protocol(directory):
                            raise Skip("the command does not know group.protocol")
                        run(tap, cluster, clients, strategy, options)
        except Unavailable as reason:
            skip_all(reason)
    tap.done()


if __name__ == "__main__":
    main()
