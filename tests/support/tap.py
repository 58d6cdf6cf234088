"""TAP for test drivers written in Python: one line a case, skips with their reason.

    tap = Tap()
    with tap.case("what is claimed"):
        tap.equal(1 + 1, 2, "sum")
    tap.done()
"""
import contextlib
import shutil
import sys
import time
import traceback


class Failed(Exception):
    """A check did not hold."""


class Skip(Exception):
    """This case cannot run here; the text says why."""


class Tap:
    def __init__(self):
        self.number = 0
        self.failures = 0
        print("TAP version 13", flush=True)

    @contextlib.contextmanager
    def case(self, name):
        """One case: an exception inside fails it, Skip skips it; the run goes on."""
        name = name.replace("#", "no.").replace("\n", " ")
        self.number += 1
        try:
            yield
            self._line("ok", name)
        except Skip as reason:
            self._line("ok", "%s # SKIP %s" % (name, one_line(reason)))
        except Failed as why:
            self.failures += 1
            self._line("not ok", name)
            self.note(why)
        except Exception:  # pylint: disable=broad-except
            self.failures += 1
            self._line("not ok", name)
            self.note(traceback.format_exc())

    def _line(self, verdict, text):
        print("%s %d - %s" % (verdict, self.number, text), flush=True)

    @staticmethod
    def note(text):
        """A comment in the test's output, for whoever reads a failure."""
        for line in str(text).splitlines():
            print("# " + line, flush=True)

    def done(self):
        print("1..%d" % self.number, flush=True)
        sys.exit(1 if self.failures else 0)

    @staticmethod
    def check(condition, what):
        if not condition:
            raise Failed(what)

    @staticmethod
    def equal(got, wanted, what):
        if got != wanted:
            raise Failed("%s: got %s, wanted %s" % (what, shorten(got), shorten(wanted)))


def skip_all(reason):
    """Ends the program: nothing of it can run here."""
    print("TAP version 13\n1..0 # SKIP %s" % one_line(reason), flush=True)
    sys.exit(0)


def need(*programs):
    """Paths of programs; skips everything when one is missing."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        skip_all("not installed: " + ", ".join(missing))


def wait_until(condition, what, timeout_s, poll_s=0.1):
    """Polls until `condition()` is true and returns what it returned."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed("after %.0f s still not: %s" % (timeout_s, what))
        time.sleep(poll_s)


def one_line(text):
    return " ".join(str(text).split())


def shorten(value, size=400):
    text = repr(value)
    return text if len(text) <= size else text[:size] + "… (%d characters)" % len(text)
