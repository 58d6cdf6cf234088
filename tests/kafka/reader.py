"""A `barnabas` that reads a numbered stream: its records counted as they come, its events kept with their times."""
import shutil
import signal
import subprocess
import threading
import time

import barnabas
from tap import Failed

EVENTS_SHOWN = 80
DULL = (" committed: ", "% debug ", " records/s ")


class Reader:
    def __init__(self, name, arrivals, words, before=(), environment=None):
        """`before` is what stands before the command: programs that change its surroundings and then become it."""
        self.name, self.arrivals = name, arrivals
        self.strange = []  # lines of standard output that are no records
        self.said = []     # (time, line of standard error)
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        self.process = subprocess.Popen([*guard, *before, barnabas.program(), *(str(word) for word in words)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=environment)
        self.threads = [threading.Thread(target=collect, daemon=True) for collect in (self._records, self._events)]
        for thread in self.threads:
            thread.start()

    def _records(self):
        for line in self.process.stdout:
            try:
                self.arrivals.take(self.name, line)
            except (ValueError, KeyError, TypeError, AttributeError):
                self.strange.append(line)

    def _events(self):
        for line in self.process.stderr:
            self.said.append((time.monotonic(), line.decode(errors="replace").rstrip()))

    def events(self, kind, since=0.0):
        """The lines of this kind of event."""
        return [line for at, line in list(self.said) if at >= since and line.startswith("% ") and " %s:" % kind in line]

    def alive(self):
        return self.process.poll() is None

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self, patience_s):
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(patience_s)

    def wait(self, patience_s):
        try:
            code = self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise Failed("%s: no end after %d s" % (self.name, patience_s)) from None
        for thread in self.threads:
            thread.join(patience_s)
        return code

    def close(self):
        if self.alive():
            self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join(5)

    def log(self, zero=0.0, lines=EVENTS_SHOWN):
        """What it said last, with seconds from `zero`."""
        told = [(at, line) for at, line in list(self.said) if not any(words in line for words in DULL)]
        return "\n".join("%+8.2f %s" % (at - zero, line) for at, line in told[-lines:])
