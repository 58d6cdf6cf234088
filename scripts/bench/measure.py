"""How it is counted: CPU of whole processes by wait4, bytes on the wire by the kernel's own count of each connection,
system calls by strace and allocations by a preloaded counter, both in passes of their own."""
import os
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

LINE = re.compile(r"^records=(\d+) bytes=(\d+) wall_s=([\d.]+) cpu_s=([\d.]+) rss_mb=([\d.]+)", re.MULTILINE)
LATENCY = re.compile(r"^p50_us=([\d.]+) p99_us=([\d.]+) max_us=([\d.]+)", re.MULTILINE)
TIMEOUT_S = 240
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    pass


class Finished:
    """A process that came to its end: what it printed, what it used, when its first byte came."""

    def __init__(self, command, environment=None):
        self.command = command
        begin = time.monotonic()
        with tempfile.TemporaryFile("w+") as errors, \
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL,
                                 env={**os.environ, **(environment or {})}) as process:
            late = threading.Timer(TIMEOUT_S, process.kill)
            late.daemon = True
            late.start()
            try:
                first = process.stdout.read(1)
                self.first_byte_s = time.monotonic() - begin
                size = len(first)
                parts = [first]
                while chunk := process.stdout.read(1 << 16):
                    size += len(chunk)
                    if size < 1 << 16:
                        parts.append(chunk)
                # wait4 counts this one process to the microsecond, start-up included; Popen's own wait drops that.
                _, status, used = os.wait4(process.pid, 0)
                self.wall_s = time.monotonic() - begin
                process.returncode = os.waitstatus_to_exitcode(status)
            finally:
                late.cancel()
                if process.returncode is None:
                    process.kill()
            errors.seek(0)
            self.errors = errors.read()
        self.out = b"".join(parts).decode(errors="replace")
        self.code = process.returncode
        self.cpu_s = used.ru_utime + used.ru_stime
        self.rss_mb = used.ru_maxrss / 1024
        if self.code != 0:
            raise Failed("%s: exit code %d: %s" % (" ".join(command), self.code, (self.errors or self.out).strip()[-500:]))


class Read:
    """One pass over a topic, per record."""

    def __init__(self, cpu_ns, wall_ns, rss_mb):
        self.cpu_ns, self.wall_ns, self.rss_mb = cpu_ns, wall_ns, rss_mb


def read_all(client, work):
    """Runs one client and returns its cost per record; raises when it did not see exactly what is there."""
    done = Finished(client.command(work, work.records))
    if not client.prints_line:
        return Read(done.cpu_s / work.records * 1e9, done.wall_s / work.records * 1e9, done.rss_mb)
    said = LINE.search(done.out)
    if not said or int(said[1]) != work.records or int(said[2]) != work.bytes:
        raise Failed("%s: wanted %d records of %d bytes, said: %s" % (client.name, work.records, work.bytes,
                                                                      done.out[:300] + done.errors[-300:]))
    cpu_s = float(said[4]) if client.warms_up else done.cpu_s
    return Read(cpu_s / work.records * 1e9, float(said[3]) / work.records * 1e9, float(said[5]))


def syscalls(client, work):
    """System calls per MiB of values, or None."""
    if client.warms_up or not client.prints_line or not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile("r") as counts:
        Finished(["strace", "-f", "-c", "-U", "calls,name", "-o", counts.name, *client.command(work, work.records)])
        total = re.search(r"^\s*(\d+)\s+total", counts.read(), re.MULTILINE)
    return int(total[1]) / (work.bytes / (1 << 20)) if total else None


def allocations(client, work, counter):
    """Allocations per MiB of values, or None where they cannot be seen from outside."""
    command = client.command(work, work.records)
    if client.warms_up or not client.prints_line:
        return None
    with tempfile.NamedTemporaryFile("rb") as count:
        done = Finished(command, {"LD_PRELOAD": str(counter), "BARNABAS_ALLOCATIONS": count.name})
        own = re.search(r"allocations=(\d+)", done.out)
        number = int(own[1]) if own else struct.unpack("=Q", Path(count.name).read_bytes() or bytes(8))[0]
    return number / (work.bytes / (1 << 20))


def latency(client, work, records):
    done = Finished(client.command(work, records))
    said = LATENCY.search(done.out)
    if not said:
        raise Failed("%s: %s" % (client.name, done.out[:300] + done.errors[-300:]))
    return float(said[1]), float(said[2]), float(said[3])


def cold(client, work):
    """Milliseconds from exec to the first record."""
    return Finished(client.command(work, 1)).first_byte_s * 1e3


class Running:
    """A process that is looked at while it works, and killed afterwards."""

    def __init__(self, command):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.errors.close()

    def check(self):
        if self.process.poll() is not None:
            self.errors.seek(0)
            raise Failed("ended with %d: %s" % (self.process.returncode, self.errors.read()[-300:]))

    def cpu_s(self):
        self.check()
        fields = Path("/proc/%d/stat" % self.process.pid).read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def cpu_ns(self):
        """To the nanosecond, of the threads that live now."""
        self.check()
        total = 0
        for task in Path("/proc/%d/task" % self.process.pid).iterdir():
            total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
        return total

    def rss_peak_mb(self):
        self.check()
        status = Path("/proc/%d/status" % self.process.pid).read_text(encoding="ascii")
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def wire_bytes(self):
        """Sent and received on its TCP connections that are open, or None."""
        if not shutil.which("ss"):
            return None
        said = subprocess.run(["ss", "-tinpH"], stdout=subprocess.PIPE, text=True, check=False).stdout
        total, mine = 0, False
        for line in said.splitlines():
            if not line.startswith(("\t", " ")):
                mine = "pid=%d," % self.process.pid in line
            elif mine:
                total += sum(map(int, re.findall(r"bytes_(?:sent|received):(\d+)", line)))
        return total


def idle(client, work, settle_s, watch_s):
    """(CPU in ms per second, bytes per second) of a reader of a topic in which nothing happens."""
    with Running(client.command(work, 1 << 60)) as running:
        time.sleep(settle_s)
        cpu, wire, begin = running.cpu_ns(), running.wire_bytes(), time.monotonic()
        time.sleep(watch_s)
        passed = time.monotonic() - begin
        cpu = running.cpu_ns() - cpu
        wire_after = running.wire_bytes()
    return cpu / passed / 1e6, None if wire is None else (wire_after - wire) / passed


def memory(client, work, watch_s):
    """Peak resident MB while a slow handler has a large backlog before it."""
    with Running(client.command(work, 1 << 60)) as running:
        time.sleep(watch_s)
        return running.rss_peak_mb()
