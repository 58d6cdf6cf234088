"""The barnabas command under test, and other small processes that test drivers start and must end."""
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from tap import Failed

ROOT = Path(__file__).resolve().parents[2]
LOG_LINES_SHOWN = 40
RUN_TIMEOUT_S = 60


def program():
    """The path meson passes in the environment, or the debug build's."""
    return os.environ.get("BARNABAS") or str(ROOT / "build/debug/tools/barnabas")


def run(*arguments, stdin="", timeout_s=RUN_TIMEOUT_S, check=True):
    """Runs a command to its end (the first word "barnabas" is the one under test). Returns its standard output, text."""
    words = [program() if index == 0 and word == "barnabas" else str(word) for index, word in enumerate(arguments)]
    try:
        done = subprocess.run(words, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as late:
        said = "\n".join(part.decode(errors="replace") for part in (late.stdout, late.stderr) if part)
        raise Failed("no end after %d s: %s\n%s" % (timeout_s, " ".join(words), "\n".join(said.splitlines()[-8:])[-1500:])) from None
    if check and done.returncode != 0:
        raise Failed("exit code %d: %s\n%s" % (done.returncode, " ".join(words), (done.stderr or done.stdout)[-2000:]))
    return done.stdout if check else done


class Process:
    """A process that stays, its output in a log file; ended at the end of the with statement."""

    def __init__(self, *arguments, name="process", first_line=False, stdin=False):
        self.words = [program() if index == 0 and word == "barnabas" else str(word)
                      for index, word in enumerate(arguments)]
        self.name = name
        self.log = tempfile.NamedTemporaryFile(prefix="barnabas-%s-" % name, suffix=".log", delete=False)
        self.process = subprocess.Popen(self.words, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                                        stdout=subprocess.PIPE if first_line else self.log, stderr=self.log, text=True)
        self.first_line = ""
        if first_line:
            self.first_line = self.process.stdout.readline().strip()
            if not self.first_line:
                self.process.wait()
                raise Failed("%s said nothing and ended with %s\n%s"
                             % (" ".join(self.words), self.process.returncode, self.tail()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.alive():
            self.process.kill()
        self.process.wait()
        self.log.close()
        os.unlink(self.log.name)

    def alive(self):
        return self.process.poll() is None

    def bootstrap(self):
        """What follows "bootstrap=" in the first line."""
        if not self.first_line.startswith("bootstrap="):
            raise Failed("%s: first line is %r" % (self.name, self.first_line))
        return self.first_line.split("=", 1)[1]

    def tell(self, line):
        """One line in, one line out."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self, timeout_s):
        """SIGTERM; the exit code, or None when it did not end in time."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def tail(self):
        lines = Path(self.log.name).read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES_SHOWN:])
