"""A numbered stream, and what must hold when somebody has read it.

Values are "PARTITION:NUMBER", the numbers of a partition counting up from 0. The writer has one batch under way per
partition and gives none up, so what was acknowledged is always 0 to N without a gap. A batch whose answer got lost may
stand twice in the log: the writer is not idempotent.

What holds of the readers' output:

 1. Every acknowledged number is in it, those excepted that the cluster itself lost or deleted.
 2. Within a process and a partition, a number below one that stood before it is a repeat: it was there already.
 3. Within a process and a partition, offsets rise by one, or go back: a replay begins, and from there they rise by one
    again. They leap forward only over what another process printed, or what the cluster lost or deleted.
"""
import collections
import json
import threading
import time

from kafka import admin, batches, wire
from tap import wait_until

BATCH_RECORDS = 4
PAUSE_S = 0.1
ANSWER_TIMEOUT_S = 3.0
RETRY_PAUSE_S = 0.1


class Write:
    """One acknowledged batch: its first number and its first offset, when it was first sent, and when acknowledged."""
    __slots__ = ("number", "offset", "sent", "acknowledged")

    def __init__(self, number, offset, sent, acknowledged):
        self.number, self.offset, self.sent, self.acknowledged = number, offset, sent, acknowledged


class Writer:
    """A thread a partition, acks=all. What was acknowledged is in `writes`."""

    def __init__(self, cluster, topic, partitions):
        self.cluster, self.topic, self.partitions = cluster, topic, range(partitions)
        self.writes = {partition: [] for partition in self.partitions}
        self.errors = collections.Counter()
        self.flowing = threading.Event()
        self.flowing.set()
        self.stopped = False
        self.threads = [threading.Thread(target=self._write, args=(partition,), daemon=True)
                        for partition in self.partitions]
        self.idle = [threading.Event() for _ in self.partitions]
        for thread in self.threads:
            thread.start()

    def acknowledged(self, partition):
        """How many numbers of this partition were acknowledged."""
        return len(self.writes[partition]) * BATCH_RECORDS

    def pause(self, patience_s):
        """Returns when nothing is under way and nothing more will be sent."""
        self.flowing.clear()
        for event in self.idle:
            wait_until(event.is_set, "the writer has its last batch acknowledged", patience_s)

    def go_on(self):
        self.flowing.set()

    def stop(self, patience_s):
        self.stopped = True
        self.flowing.set()
        deadline = time.monotonic() + patience_s
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def first_sent_since(self, partition, begin):
        """The first acknowledged batch that was sent after this time, or None."""
        return next((write for write in self.writes[partition] if write.sent >= begin), None)

    def numbers_of(self, partition, first, last):
        """The numbers whose acknowledged offsets lie in [first, last]."""
        return {write.number + k for write in self.writes[partition] for k in range(BATCH_RECORDS)
                if first <= write.offset + k <= last}

    def _write(self, partition):
        link = _Link(self.cluster, self.topic, partition)
        while not self.stopped:
            if not self.flowing.is_set():
                self.idle[partition].set()
                self.flowing.wait()
                self.idle[partition].clear()
                continue
            number = self.acknowledged(partition)
            values = [b"%d:%d" % (partition, number + k) for k in range(BATCH_RECORDS)]
            sent = time.monotonic()
            offset = self._until_acknowledged(link, batches.encode(values, int(time.time() * 1000)))
            if offset is not None:
                self.writes[partition].append(Write(number, offset, sent, time.monotonic()))
            time.sleep(PAUSE_S)
        link.close()

    def _until_acknowledged(self, link, batch):
        while not self.stopped:
            try:
                return link.produce(batch)
            except (OSError, wire.WireError) as error:
                self.errors[str(error)] += 1
                link.close()
                time.sleep(RETRY_PAUSE_S)
        return None


class _Link:
    """A connection to whoever leads a partition."""

    def __init__(self, cluster, topic, partition):
        self.cluster, self.topic, self.partition = cluster, topic, partition
        self.connection = None

    def produce(self, batch):
        if self.connection is None:
            leader = admin.leaders(self.cluster.addresses, self.topic).get(self.partition, -1)
            if leader < 0:
                raise wire.WireError("partition %d has no leader" % self.partition)
            self.connection = wire.Connection(self.cluster.nodes[leader].address, timeout_s=ANSWER_TIMEOUT_S)
        return wire.produce(self.connection, self.topic, self.partition, batch)

    def close(self):
        if self.connection is not None:
            self.connection.socket.close()
        self.connection = None


class Arrivals:
    """What all readers of a topic have printed. `printed[process][partition]` is
    [(offset, number, time, highest number so far)]."""

    def __init__(self):
        self.lock = threading.Lock()
        self.first = collections.defaultdict(dict)  # {partition: {number: time of its first arrival}}
        self.printed = collections.defaultdict(lambda: collections.defaultdict(list))
        self.seen = set()  # (partition, offset, number)
        self.records = 0
        self.repeats = 0   # of the same record; a number that the writer had to write twice is none
        self.early = []

    def take(self, process, line):
        """One line of a reader's standard output. Lines that are no records (progress) are passed over."""
        now = time.monotonic()
        record = json.loads(line)
        if "offset" not in record:
            return
        partition, number = (int(part) for part in record.get("payload", record.get("value")).split(":"))
        with self.lock:
            self.records += 1
            lines = self.printed[process][partition]
            known = number in self.first[partition]
            place = (partition, record["offset"], number)
            self.repeats += place in self.seen
            self.seen.add(place)
            if not known:
                self.first[partition][number] = now
                if lines and number < lines[-1][3]:
                    self.early.append("%s: number %d of partition %d for the first time, behind %d"
                                      % (process, number, partition, lines[-1][3]))
            highest = max(number, lines[-1][3]) if lines else number
            lines.append((record["offset"], number, now, highest))

    def arrived_at(self, partition, number):
        return self.first[partition].get(number)

    def count(self, partition):
        return len(self.first[partition])

    def missing(self, writer, excepted):
        """{partition: [numbers]} that were acknowledged and did not come."""
        absent = {}
        for partition in writer.partitions:
            wanted = set(range(writer.acknowledged(partition))) - excepted[partition]
            left = sorted(wanted - self.first[partition].keys())
            if left:
                absent[partition] = left
        return absent

    def leaps(self, gone):
        """Breaches of the third rule. `gone[partition]` is the offsets that the cluster lost or deleted."""
        found = []
        with self.lock:
            elsewhere = self._offsets_by_process()
            for process, partitions in self.printed.items():
                for partition, lines in partitions.items():
                    for before, after in zip(lines, lines[1:]):
                        between = set(range(before[0] + 1, after[0])) - gone[partition]
                        for other, offsets in elsewhere.items():
                            if other != process:
                                between -= offsets[partition]
                        if between:
                            found.append("%s, partition %d: from offset %d to %d" % (process, partition, before[0],
                                                                                   after[0]))
        return found

    def _offsets_by_process(self):
        return {process: collections.defaultdict(set, {partition: {line[0] for line in lines}
                                                       for partition, lines in partitions.items()})
                for process, partitions in self.printed.items()}
