"""A topic with a numbered stream going in and readers at the other end, while a fault happens: what faults share."""
import collections
import time

from kafka import admin, wire
from numbered import Arrivals, Writer
from reader import Reader
from tap import Failed, wait_until

PARTITIONS = 4
POLL_S = 0.05
WARM_RECORDS = 12  # per partition, before the fault begins
EXIT_BY_SIGNAL = 130

RUN_CONFIG = """
[[source]]
bootstrap.servers = "{bootstrap}"
group.id = "{group}"
topics = ["{topic}"]
auto.offset.reset = "earliest"
{options}

[handler.screen]
type = "stdout"
format = "json"
"""


class Recovery:
    """Seconds from a moment until every partition had a write acknowledged, and a record delivered, that was sent after
    that moment."""

    def __init__(self, kafka_s, reader_s):
        self.kafka_s, self.reader_s = kafka_s, reader_s


class Traffic:
    """`with Traffic(world, "leader-killed") as traffic:` records flow; at the end everything is stopped and removed."""

    def __init__(self, world, name, *, members=1, configs=None, assignment=None, bootstrap=None, options=(), before=(),
                 environment=None, reading=True):
        self.world, self.cluster, self.topic = world, world.cluster, name
        self.bootstrap = bootstrap or self.cluster.bootstrap
        self.options, self.before, self.environment = tuple(options), tuple(before), environment
        self.members = members if reading else 0
        self.partitions = len(assignment) if assignment else PARTITIONS
        self.configs, self.assignment = configs, assignment
        self.lost = collections.defaultdict(set)  # numbers that the cluster lost or deleted
        self.gone = collections.defaultdict(set)  # offsets likewise
        self.arrivals = Arrivals()
        self.readers = []
        self.writer = None
        self.fault_began = time.monotonic()

    def __enter__(self):
        self.cluster.create_topic(self.topic, self.partitions, min(3, len(self.cluster.nodes)), self.configs,
                                  self.assignment)
        self.writer = Writer(self.cluster, self.topic, self.partitions)
        try:
            for _ in range(self.members):
                self.add_reader()
            if self.members:
                self.wait(lambda: all(self.arrivals.count(partition) >= WARM_RECORDS
                                      for partition in range(self.partitions)), "records flow before the fault")
                self.wait(lambda: len(self.committed()) == self.partitions, "every partition has a commit")
        except BaseException:
            self.__exit__(Failed, None, None)
            raise
        return self

    def __exit__(self, kind, *_):
        self.writer.stopped = True
        self.writer.go_on()
        if kind is not None:
            for reader in self.readers:
                self.world.tap.note("---- %s, seconds from the fault\n%s" % (reader.name, reader.log(self.fault_began)))
            for error, count in self.writer.errors.most_common(5):
                self.world.tap.note("writer: %d times %s" % (count, error))
        for reader in self.readers:
            reader.close()
        self.writer.stop(10)

    @property
    def group(self):
        return self.topic + "-readers"

    def add_reader(self, *options):
        words = ["consume", "-b", self.bootstrap, "-G", self.group, "-t", self.topic, "-o", "beginning"]
        words += ["-J", "-u", "-v"]
        for option in (*self.options, *options):
            words += ["-X", option]
        return self._start(words)

    def add_runner(self, *options):
        """The same by `barnabas run`, which goes on with the other partitions when one has stopped."""
        path = self.world.directory / ("%s-%d.toml" % (self.topic, len(self.readers)))
        lines = ["%s = %s" % tuple(option.split("=", 1)) for option in (*self.options, *options)]
        path.write_text(RUN_CONFIG.format(bootstrap=self.bootstrap, group=self.group, topic=self.topic,
                                          options="\n".join(lines)), encoding="utf-8")
        return self._start(["run", "--config", path, "-v"])

    def _start(self, words):
        self.readers.append(Reader("%s-%d" % (self.topic, len(self.readers)), self.arrivals, words, self.before,
                                   self.environment))
        return self.readers[-1]

    # ---- looking ----------------------------------------------------------------------------------------------------

    def wait(self, condition, what, patience_s=None):
        """As wait_until, and a reader that ends meanwhile is a failure."""
        def look():
            for reader in self.readers:
                if not reader.alive():
                    raise Failed("%s ended with %s" % (reader.name, reader.process.returncode))
            return condition()

        return wait_until(look, what, patience_s or self.world.patience_s, POLL_S)

    def leader(self, partition=0):
        return admin.leaders(self.cluster.addresses, self.topic)[partition]

    def coordinator(self):
        return self.cluster.number_at(wire.find_coordinator(self.cluster.addresses, self.group))

    def committed(self):
        """{partition: committed offset} as far as there are any; empty while nobody can be asked."""
        try:
            found = wire.committed(self.cluster.addresses, self.group, self.topic, range(self.partitions))
        except (OSError, wire.WireError):
            return {}
        return {partition: offset for partition, offset in found.items() if offset >= 0}

    def caught_up(self):
        return not self.arrivals.missing(self.writer, self.lost)

    def events(self, kind):
        return [line for reader in self.readers for line in reader.events(kind)]

    # ---- the fault and what follows ---------------------------------------------------------------------------------

    def fault(self):
        """The moment from which recovery is measured."""
        self.fault_began = time.monotonic()
        return self.fault_began

    def recovered(self, begin, partitions=None, commits=False):
        """Waits until the stream flows again in each partition. `commits`: and is committed again."""
        partitions = list(partitions or range(self.partitions))
        self.wait(lambda: all(self.writer.first_sent_since(partition, begin) for partition in partitions),
                  "writes are acknowledged again")
        new = {partition: self.writer.first_sent_since(partition, begin) for partition in partitions}
        arrived = self.arrivals.arrived_at
        self.wait(lambda: all(arrived(partition, write.number) for partition, write in new.items()),
                  "new records come from every partition")
        delivered = max(arrived(partition, write.number) for partition, write in new.items())
        if commits:
            def committed():
                offsets = self.committed()
                return all(offsets.get(partition, -1) > write.offset for partition, write in new.items())

            self.wait(committed, "new records are committed")
            delivered = max(delivered, time.monotonic())
        return Recovery(max(write.acknowledged for write in new.values()) - begin, delivered - begin)

    def finish(self, exit_codes=(EXIT_BY_SIGNAL,)):
        """Stops the stream; then everything must have come, in order, and be committed."""
        self.writer.stop(self.world.patience_s)
        self.wait(self.caught_up, "every acknowledged number has come")
        for reader in self.readers:
            self.world.tap.check(reader.end(60) in exit_codes,
                                 "%s ended with %s" % (reader.name, reader.process.returncode))
        self.check_order()
        ends = wire.log_ends(self.cluster.addresses, self.topic)
        wait_until(lambda: self.committed() == ends, "committed offsets equal the log ends", 30)

    def check_order(self):
        tap = self.world.tap
        tap.equal(self.arrivals.missing(self.writer, self.lost), {}, "acknowledged numbers that did not come")
        tap.equal(self.arrivals.early[:3], [], "numbers behind larger ones")
        tap.equal(self.arrivals.leaps(self.gone)[:3], [], "offsets left out")
        tap.equal([line for reader in self.readers for line in reader.strange][:3], [], "strange lines of output")
