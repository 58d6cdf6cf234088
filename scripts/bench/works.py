"""What is measured: kinds of work, the topics they read, and how those are filled. kcat writes, librdkafka inside it
batches and compresses, so every client reads the same bytes."""
import random
import subprocess

FILL_SETTINGS = ["-X", "linger.ms=1000", "-X", "queue.buffering.max.messages=1000000",
                 # Every record goes to a partition of its own choice, else some partitions of a thousand stay empty.
                 "-X", "sticky.partitioning.linger.ms=0"]
LOG_LINES = 20_000
CHUNK_BYTES = 1 << 20


class Work:
    """Records of one topic, read once from its beginning."""

    def __init__(self, name, title, records, value_bytes=0, partitions=1, codec="none", headers=(), kind="consume"):
        self.name, self.title, self.records, self.value_bytes = name, title, records, value_bytes
        self.partitions, self.codec, self.headers, self.kind = partitions, codec, headers, kind
        self.topic = "bench-" + name
        self.bytes = 0  # all values together, once filled

    @property
    def range(self):
        return "0" if self.partitions == 1 else "0-%d" % (self.partitions - 1)

    def lines(self):
        """Blocks of lines, together `records` of them; counts their bytes."""
        block = log_lines() if not self.value_bytes else [plain(self.value_bytes)] * (CHUNK_BYTES // self.value_bytes)
        left = self.records
        while left > 0:
            part = block[:left]
            self.bytes += sum(map(len, part)) - len(part)
            left -= len(part)
            yield b"".join(part)

    def fill(self, cluster):
        cluster.create_topic(self.topic, self.partitions, 1)
        if self.records == 0:
            return
        batch = 32768 if self.codec == "none" else 65536
        command = ["kcat", "-P", "-b", cluster.bootstrap, "-t", self.topic, "-z", self.codec,
                   "-X", "batch.size=%d" % batch, *FILL_SETTINGS]
        if self.partitions == 1:
            command += ["-p", "0"]
        for header in self.headers:
            command += ["-H", header]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as kcat:
            for lines in self.lines():
                kcat.stdin.write(lines)
            kcat.stdin.close()
            if kcat.wait() != 0:
                raise RuntimeError("kcat could not fill %s" % self.topic)


def plain(value_bytes):
    return (b"0123456789abcdef" * (value_bytes // 16 + 1))[:value_bytes] + b"\n"


def log_lines():
    """JSON log lines of 100 to 300 bytes, the same in every run."""
    dice = random.Random(7)
    words = ["connect", "timeout", "retry", "accepted", "user", "order", "payment", "cache", "miss", "upstream", "closed",
             "commit", "offset", "queue", "handler", "request", "finished", "after", "bytes", "from"]
    lines = []
    for i in range(LOG_LINES):
        message = " ".join(dice.choice(words) for _ in range(dice.randint(3, 22)))
        lines.append(('{"ts":%d,"level":"%s","service":"svc-%02d","trace":"%016x","msg":"%s"}\n' % (
            1_700_000_000_000 + i * 37, dice.choice(["INFO", "INFO", "WARN", "ERROR"]), dice.randrange(40),
            dice.getrandbits(64), message)).encode())
    return lines


def works(scale):
    """All kinds of work, in the order of the table."""
    def times(records):
        return max(2_000, int(records * scale))

    small = times(5_000_000)
    # Three headers of six bytes each, and so much less value: the records are as large as those of "small".
    headers = ("h1=v1", "h2=v2", "h3=v3")
    log = times(2_000_000)
    return [
        Work("small", "100 B", small, 100),
        Work("small16", "100 B, 16 partitions", small, 100, partitions=16),
        Work("small1000", "100 B, 1,000 partitions", small, 100, partitions=1000),
        Work("kilobyte", "1 KiB", times(1_000_000), 1024),
        Work("headers", "82 B and three headers", small, 82, headers=headers),
        Work("lz4", "log lines, lz4", log, codec="lz4"),
        Work("zstd", "log lines, zstd", log, codec="zstd"),
        Work("snappy", "log lines, snappy", log, codec="snappy"),
        Work("gzip", "log lines, gzip", log, codec="gzip"),
        Work("latency", "one record every 5 ms", 0, kind="latency"),
        Work("idle", "1,000 partitions, no data", 0, partitions=1000, kind="idle"),
        Work("memory", "1,000 partitions, 5 GB backlog, slow handler", times(5_000_000), 1024, partitions=1000,
             kind="memory"),
        Work("cold", "from exec to the first record", 1_000, 100, kind="cold"),
    ]


QUICK = ("small", "kilobyte", "lz4", "latency", "cold")
