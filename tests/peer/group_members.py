"""Members of consumer groups by five clients, one shape for all: each prints its records as "TOPIC PARTITION OFFSET VALUE"
and what it is given and gives up, into one pipe, so that the order in which it happened is kept."""
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import barnabas
import protocol_kafka
from kafka import java
from kafka.jars import Unavailable, cache_root
from tap import Failed

HERE = Path(__file__).resolve().parent
NEWEST_FRANZ = HERE.parent / "bench/franz/newest.mod"
FORMAT = "%t %p %o %s\n"
RECORD = re.compile(r"(\S+) (\d+) (\d+) (\d+):(\d+)$")
# What each client says when partitions come and go; the partitions follow behind it.
CHANGES = {
    "barnabas": re.compile(r"% \w+ (assigned|revoked|lost): [^\[]*\["),
    "librdkafka": re.compile(r"% Group \S+ rebalanced.*?(?:(assign)|(revo))"),
    "other": re.compile(r"% (assigned|revoked|lost)"),
}
ALL = ("java", "librdkafka", "franz-go", "sarama", "barnabas")
# Which clients know which assignor; "consumer" is no assignor, but the protocol in which the broker divides (KIP-848).
KNOWN_BY = {
    "range": ALL,
    "roundrobin": ALL,
    "sticky": ("java", "franz-go", "sarama", "barnabas"),
    "cooperative-sticky": ("java", "librdkafka", "franz-go", "barnabas"),
    "consumer": ("java", "franz-go", "barnabas"),
}
JVM = ("-Xmx128m", "-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData")


class Holding:
    """A partition in a member's hand, from when it said so until `end` says how it left: revoked, lost, killed, ended."""

    def __init__(self, member, partition):
        self.member, self.partition = member, partition
        self.begin = time.monotonic()
        self.records = []  # (offset, number, time)
        self.end = None
        self.ended = None


class Member:
    """A process, what it printed with the times (in a file, too), and what it held."""

    def __init__(self, kind, name, words, directory):
        self.kind, self.name = kind, name
        self.pattern = CHANGES.get(kind, CHANGES["other"])
        self.holdings, self.held = [], {}
        self.strays = []  # records of partitions that it did not hold
        self.said = []    # (time, line) of all lines that are no records
        self.killed = False
        self.log = open(directory / (name + ".log"), "w", encoding="utf-8")
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        self.process = subprocess.Popen([*guard, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace")
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            now = time.monotonic()
            self.log.write("%.4f %s" % (now, line))
            record = RECORD.match(line)
            if record:
                self._take(int(record[2]), int(record[3]), int(record[5]), now)
                continue
            self.said.append((now, line.rstrip()))
            change = self.pattern.match(line)
            if change:
                self._change(change, line)
        self.log.close()
        for partition in list(self.held):
            self._close(partition, "killed" if self.killed else "ended")

    def _take(self, partition, offset, number, now):
        holding = self.held.get(partition)
        if holding:
            holding.records.append((offset, number, now))
        else:
            self.strays.append((partition, offset, number, now))

    def _change(self, change, line):
        if self.kind == "librdkafka":
            what = "assigned" if change[1] else "revoked"
            partitions = re.findall(r"\[(\d+)\]", line[change.end():])
        elif self.kind == "barnabas":
            what, partitions = change[1], re.findall(r"\[(\d+)\]", line)[:1]
        else:
            what, partitions = change[1], line[change.end():].split()
        for partition in map(int, partitions):
            self._close(partition, what if what != "assigned" else "revoked")
            if what == "assigned":
                self.held[partition] = Holding(self, partition)
                self.holdings.append(self.held[partition])

    def _close(self, partition, how):
        holding = self.held.pop(partition, None)
        if holding:
            holding.end, holding.ended = how, time.monotonic()

    def partitions(self):
        return sorted(list(self.held))

    def count(self):
        return sum(len(holding.records) for holding in list(self.holdings)) + len(self.strays)

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        self.killed = True
        self.process.kill()
        self._ended(10)

    def leave(self, patience_s):
        """SIGTERM, and waits for the end."""
        self.process.send_signal(signal.SIGTERM)
        self._ended(patience_s)

    def _ended(self, patience_s):
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise Failed("%s: no end after %d s\n%s" % (self.name, patience_s, self.tail())) from None
        self.thread.join(patience_s)

    def close(self):
        if self.alive():
            self.killed = True
            self.process.kill()
        self.process.wait()
        self.thread.join(5)

    def tail(self, lines=40):
        told = [(at, line) for at, line in list(self.said) if "Reached end of topic" not in line]
        return "\n".join("%.3f %s" % each for each in told[-lines:])


class Clients:
    """How members of each kind are started. `missing` says which kinds cannot be had here, and why."""

    def __init__(self, directory, kinds=ALL):
        self.directory, self.missing, self.programs = directory, {}, {}
        for kind in kinds:
            try:
                self.programs[kind] = getattr(self, "_find_" + kind.replace("-", "_"))()
            except Unavailable as reason:
                self.missing[kind] = str(reason)
        self.counter = 0

    def kinds(self, strategy):
        return [kind for kind in KNOWN_BY[strategy] if kind in self.programs]

    def start(self, kind, bootstrap, group, topic, strategy, session_ms):
        """`session_ms` 0: what the client has itself."""
        self.counter += 1
        name = "%s-%d" % (kind, self.counter)
        words = getattr(self, "_words_" + kind.replace("-", "_"))(bootstrap, group, topic, name, strategy, session_ms)
        return Member(kind, name, words, self.directory)

    # ---- barnabas ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _find_barnabas():
        return [barnabas.program(), "consume"]

    def _words_barnabas(self, bootstrap, group, topic, name, strategy, session_ms):
        options = {"client.id": name}
        if strategy == "consumer":
            options["group.protocol"] = "consumer"
        else:
            options["partition.assignment.strategy"] = strategy
            if session_ms:
                options.update({"session.timeout.ms": session_ms, "heartbeat.interval.ms": session_ms // 4})
        more = [word for pair in options.items() for word in ("-X", "%s=%s" % pair)]
        return [*self.programs["barnabas"], "-b", bootstrap, "-G", group, "-t", topic, "-o", "beginning", "-u", "-v",
                "-f", FORMAT, *more]

    # ---- librdkafka -------------------------------------------------------------------------------------------------

    @staticmethod
    def _find_librdkafka():
        if not shutil.which("kcat"):
            raise Unavailable("kcat is not installed")
        return ["kcat"]

    def _words_librdkafka(self, bootstrap, group, topic, name, strategy, session_ms):
        # Its log comes from other threads and would land in the middle of records.
        options = {"client.id": name, "partition.assignment.strategy": strategy, "auto.offset.reset": "earliest",
                   "auto.commit.interval.ms": 1000, "log_level": 2}
        if session_ms:
            options.update({"session.timeout.ms": session_ms, "heartbeat.interval.ms": session_ms // 4})
        more = [word for pair in options.items() for word in ("-X", "%s=%s" % pair)]
        return [*self.programs["librdkafka"], "-b", bootstrap, "-G", group, "-u", "-f", FORMAT, *more, topic]

    # ---- Java, franz-go, sarama: programs of our own ----------------------------------------------------------------

    @staticmethod
    def _find_java():
        class_path = protocol_kafka.program(protocol_kafka.NEW, ("GroupMember",))
        return [java(), *JVM, "-cp", class_path, "GroupMember"]

    @staticmethod
    def _find_franz_go():
        """The newest version where the Go here can build it, else the one that Debian's Go can."""
        newest = ["-mod=mod", "-modfile=%s" % NEWEST_FRANZ]
        return [_go_program("franz", HERE / "franz", "./member", newest, [])]

    @staticmethod
    def _find_sarama():
        return [_go_program("sarama", HERE / "sarama", ".", [])]

    def _words_of_ours(self, kind, bootstrap, group, topic, name, strategy, session_ms):
        return [*self.programs[kind], bootstrap, group, topic, name, strategy, session_ms or 45000]

    def _words_java(self, *arguments):
        return self._words_of_ours("java", *arguments)

    def _words_franz_go(self, *arguments):
        return self._words_of_ours("franz-go", *arguments)

    def _words_sarama(self, *arguments):
        return self._words_of_ours("sarama", *arguments)


def _go_program(name, source, package, *attempts):
    """Builds a Go program into the cache; raises Unavailable when there is no Go or its modules cannot be had."""
    go = shutil.which("go")
    if not go:
        raise Unavailable("go is not installed (apt-get install golang-go)")
    home = cache_root().parent / "members"
    home.mkdir(parents=True, exist_ok=True)
    for more in attempts:
        done = subprocess.run([go, "build", *more, "-o", home / name, package], cwd=source, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, env={**os.environ, "GOFLAGS": ""})
        if done.returncode == 0:
            return home / name
    raise Unavailable("%s does not build here: %s" % (name, done.stdout[-300:]))


def knows_consumer_protocol(directory):
    """Whether the command under test has group.protocol."""
    path = directory / "known.toml"
    path.write_text("""
[[source]]
bootstrap.servers = "127.0.0.1:1"
group.id = "g"
group.protocol = "consumer"
topics = ["t"]

[handler.nowhere]
type = "null"
""", encoding="ascii")
    return barnabas.run("barnabas", "run", "--check", "--config", path, check=False).returncode == 0
