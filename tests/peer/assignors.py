#!/usr/bin/env python3
"""The same random groups to Kafka's own assignors and to ours, through several rounds in which members come and go, and
each tells what it was given: equal assignments.

    assignors.py [--seed N] [--cases N] [--only ASSIGNOR]    a failure prints the seed, and keeps the group
"""
import argparse
import collections
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "fixtures"), str(Path(__file__).parent)]

import barnabas  # noqa: E402
import protocol_kafka as kafka  # noqa: E402
from tap import Failed, Tap, skip_all  # noqa: E402

ASSIGNORS = ("range", "roundrobin", "sticky", "cooperative-sticky")
PROGRAM = ("Assign",)
ROUNDS = 5
CASES, CASES_QUICK = 1000, 250
SHOWN_AT_MOST = 3


class Group:
    """A group that lives through rounds."""

    def __init__(self, chance, assignor, number, large):
        self.chance, self.assignor, self.number, self.large = chance, assignor, number, large
        self.generation, self.names = 0, 0
        self.racks = ["r%d" % i for i in range(chance.randint(1, 4))] if chance.random() < 0.4 else []
        self.equal = chance.random() < 0.5
        self.sloppy = chance.random() < 0.3  # members that say what cannot be
        self.topics = {"t%d" % i if chance.random() < 0.7 else "orders.%04d" % (i * 7919 % 10000): self.partitions()
                       for i in range(chance.randint(1, 12 if large else 6))}
        if chance.random() < 0.3:
            size = self.partitions()
            self.topics = {name: list(size) for name in self.topics}
        self.common = self.some_topics()
        self.members = [self.member() for _ in range(chance.randint(1, 60 if large else 8))]
        if self.sloppy:
            for member in self.members:
                member["owned"], member["generation"] = self.any_partitions(), chance.randint(-1, 4)
            self.generation = 5

    def partitions(self):
        top = self.chance.choice([120, 300] if self.large else [3, 9, 20])
        return [self.replica_racks() for _ in range(self.chance.randint(0 if self.chance.random() < 0.1 else 1, top))]

    def replica_racks(self):
        if not self.racks or self.chance.random() < 0.05:
            return None
        return self.chance.sample(self.racks, self.chance.randint(1, len(self.racks)))

    def some_topics(self):
        if not self.equal and self.chance.random() < 0.02:
            return []
        names = [*self.topics, *(["gone"] if self.chance.random() < 0.1 else [])]
        return self.chance.sample(names, self.chance.randint(1, len(names)))

    def member(self):
        self.names += 1
        long_name = "consumer-%d-%032x" % (self.names, self.chance.getrandbits(128))
        name = self.chance.choice(["m%d" % self.names, long_name])
        member = {"member_id": name, "topics": self.common if self.equal else self.some_topics()}
        if self.chance.random() < 0.2:
            member["instance_id"] = "i%d" % self.chance.randrange(1000) + "-%d" % self.names
        if self.racks and self.chance.random() < 0.9:
            member["rack"] = self.chance.choice(self.racks if self.chance.random() < 0.9 else ["r8", "r9"])
        return member

    def any_partitions(self):
        """Claims of a few partitions, also of topics that do not exist."""
        all_ = [(name, id_) for name, partitions in self.topics.items() for id_ in range(len(partitions))]
        if self.chance.random() < 0.2:
            all_ += [("lost", 0), (next(iter(self.topics)), 1000)]
        return by_topic(self.chance.sample(all_, self.chance.randint(0, min(len(all_), 12))))

    def line(self):
        topics = [{"name": name, "partitions": [{"id": id_, "replica_racks": racks} for id_, racks in enumerate(each)]}
                  for name, each in self.topics.items()]
        members = list(self.members)
        self.chance.shuffle(members)
        return {"id": self.number, "assignor": self.assignor, "topics": topics,
                "members": [self.said(member) for member in members]}

    def said(self, member):
        """The same as bytes of some version, now and then."""
        if self.chance.random() < 0.9:
            return member
        version = self.chance.randint(0, 3)
        data = user_data(self.assignor, member, self.chance)
        # The fields stay for whoever reads the group; both sides take the bytes alone.
        return {**member, "subscription_hex": subscription(version, member, data).hex(),
                "two_generations": "owned" in member and (version < 2 or self.assignor == "sticky")}

    def next_round(self, assignment):
        """Members take what they were given; some miss that. Some leave, some come, topics grow and go."""
        chance = self.chance
        self.generation += 1
        for member in self.members:
            if chance.random() < 0.95:
                member["owned"], member["generation"] = assignment[member["member_id"]], self.generation
            if self.sloppy and chance.random() < 0.1:
                member["owned"] = self.any_partitions()
            if not self.equal and chance.random() < 0.1:
                member["topics"] = self.some_topics()
        if chance.random() < 0.5:
            chance.shuffle(self.members)
            del self.members[max(1, len(self.members) - chance.randint(0, 1 + len(self.members) // 3)):]
        if chance.random() < 0.6:
            self.members += [self.member() for _ in range(chance.randint(1, 20 if self.large else 3))]
        if chance.random() < 0.2:
            name = chance.choice(list(self.topics))
            self.topics[name] += [self.replica_racks() for _ in range(chance.randint(1, 5))]
        if chance.random() < 0.1 and len(self.topics) > 1:
            del self.topics[chance.choice(list(self.topics))]
        if self.equal and chance.random() < 0.1:
            self.common = self.some_topics()
            for member in self.members:
                member["topics"] = self.common


def by_topic(partitions):
    out = {}
    for topic, id_ in sorted(partitions):
        out.setdefault(topic, []).append(id_)
    return [{"topic": topic, "partitions": ids} for topic, ids in out.items()]


def text(value):
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def partitions_by_topic(owned):
    return array([text(each["topic"]) + array([struct.pack(">i", id_) for id_ in each["partitions"]])
                  for each in owned or []])


def user_data(assignor, member, chance):
    """What the member's assignor would put into its subscription, an old one's at times, or nonsense."""
    generation = struct.pack(">i", member.get("generation", -1))
    kind = chance.random()
    if "owned" not in member or kind < 0.1:
        return None
    if kind < 0.2:
        return chance.randbytes(chance.randint(0, 20))
    if assignor == "sticky":
        return partitions_by_topic(member["owned"]) + (generation if kind < 0.8 else b"")
    return generation if assignor == "cooperative-sticky" else None


def subscription(version, member, data):
    """A ConsumerProtocolSubscription."""
    out = struct.pack(">h", version) + array([text(topic) for topic in member["topics"]])
    out += struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data
    if version >= 1:
        out += partitions_by_topic(member.get("owned"))
    if version >= 2:
        out += struct.pack(">i", member.get("generation", -1))
    if version >= 3:
        out += text(member["rack"]) if "rack" in member else struct.pack(">h", -1)
    return out


def ours(given, answers):
    with open(given, "rb") as source, open(answers, "wb") as target:
        done = subprocess.run([barnabas.program(), "groups", "assign", "--jsonl"], stdin=source, stdout=target,
                              stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Failed("barnabas groups assign ended with %d: %s" % (done.returncode, done.stderr.decode()[-1000:]))


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def broken(given, answer):
    """What is wrong with an assignment whoever made it: nothing for a division that a group can live with."""
    if "error" in answer:
        return answer["error"]
    sizes = {topic["name"]: len(topic["partitions"]) for topic in given["topics"]}
    taken = set()
    for member in given["members"]:
        for topic, id_ in flat(answer["assignment"][member["member_id"]]):
            if topic not in member["topics"]:
                return "%s did not subscribe to %s" % (member["member_id"], topic)
            if id_ >= sizes.get(topic, 0):
                return "there is no %s[%d]" % (topic, id_)
            if (topic, id_) in taken:
                return "%s[%d] is given twice" % (topic, id_)
            taken.add((topic, id_))
    return None


def flat(topics):
    return [(each["topic"], id_) for each in topics or [] for id_ in each["partitions"]]


def known_difference(given, mine, theirs):
    """Why our result is another than Kafka's on purpose (docs/groups.md), or nothing."""
    wrong = broken(given, theirs)
    if wrong:
        return "no division: " + " ".join(word for word in wrong.split() if word.isalpha())
    newest = max(member.get("generation", -1) for member in given["members"])
    for member in given["members"]:
        stale = member.get("two_generations") or member.get("generation", -1) < newest
        if stale and any(topic not in member["topics"] for topic, _ in flat(member.get("owned"))):
            return "moves partitions back to a member that subscribes to them no longer"
    if any(not member["topics"] for member in given["members"]):
        return "takes members without topics as subscribed like the others"
    claims = [partition for member in given["members"] for partition in flat(member.get("owned"))]
    contested = {partition for partition, count in collections.Counter(claims).items() if count > 1}
    sizes = {topic["name"]: len(topic["partitions"]) for topic in given["topics"]}
    if any(id_ >= sizes.get(topic, 1 << 31) for topic, id_ in claims):
        return "keeps claims to partitions that do not exist"
    if contested and any(member.get("two_generations") for member in given["members"]):
        return "compares a generation of the user data with one of the subscription"
    if given["assignor"] == "cooperative-sticky":
        for member, partitions in mine["assignment"].items():
            here, there = set(flat(partitions)), set(flat(theirs["assignment"][member]))
            if here - there or not there - here <= contested:
                return None
        return "gives a partition that two members claim to one of them at once"
    return None


class Result:
    def __init__(self):
        self.equal, self.differ, self.known, self.broken = 0, [], collections.Counter(), []

    def add(self, given, mine, theirs):
        if broken(given, mine):
            self.broken.append((given, mine, broken(given, mine)))
        elif mine == theirs:
            self.equal += 1
        else:
            why = known_difference(given, mine, theirs)
            if why:
                self.known[why] += 1
            else:
                self.differ.append((given, mine, theirs))


def run(assignor, seed, cases, directory):
    """`cases` groups in all rounds together."""
    chance = random.Random("%d %s" % (seed, assignor))
    count = (cases + ROUNDS - 1) // ROUNDS
    groups = [Group(chance, assignor, number, number % 50 == 49) for number in range(count)]
    given, mine, theirs = (directory / ("%s-%s" % (assignor, name)) for name in ("given", "ours", "kafkas"))
    result = Result()
    for _ in range(ROUNDS):
        given.write_text("".join(json.dumps(group.line()) + "\n" for group in groups), encoding="utf-8")
        ours(given, mine)
        kafka.run_java(kafka.program(kafka.NEW, PROGRAM), "Assign", given, theirs)
        for group, source, our, their in zip(groups, lines(given), lines(mine), lines(theirs)):
            result.add(source, our, their)
            group.next_round(our["assignment"])
    return result


def show(found):
    given, mine, theirs = found
    return "\n  ".join(json.dumps(each, separators=(",", ":"))[:3000] for each in (given, mine, theirs))


def test(arguments):
    tap = Tap()
    tap.note("seed %d: assignors.py --seed %d --cases %d" % (arguments.seed, arguments.seed, arguments.cases))
    with tempfile.TemporaryDirectory(prefix="barnabas-java-") as directory:
        for assignor in arguments.only or ASSIGNORS:
            start = time.monotonic()
            with tap.case("%s: the same as Kafka's, in %d groups" % (assignor, arguments.cases)):
                result = run(assignor, arguments.seed, arguments.cases, Path(directory))
                tap.note("%s: %d equal, %d differ, %d as documented; %.1f s" % (
                    assignor, result.equal, len(result.differ), result.known.total(), time.monotonic() - start))
                for why, count in result.known.items():
                    tap.note("  %d: Kafka %s" % (count, why))
                result.differ.sort(key=lambda found: len(json.dumps(found)))
                tap.check(not result.broken, "%d of ours are no division:\n%s" % (
                    len(result.broken), "\n".join(map(show, result.broken[:SHOWN_AT_MOST]))))
                tap.check(not result.differ, "%d differ (given, ours, Kafka's), the smallest:\n%s" % (
                    len(result.differ), "\n".join(map(show, result.differ[:SHOWN_AT_MOST]))))
                tap.check(result.known.total() * 10 < arguments.cases, "too many known differences to show anything")
    tap.done()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--cases", type=int, default=CASES_QUICK if os.environ.get("BARNABAS_QUICK") else CASES)
    parser.add_argument("--only", action="append", choices=ASSIGNORS)
    arguments = parser.parse_args()
    try:
        kafka.program(kafka.NEW, PROGRAM)
    except kafka.Unavailable as reason:
        skip_all(reason)
    test(arguments)


if __name__ == "__main__":
    main()
