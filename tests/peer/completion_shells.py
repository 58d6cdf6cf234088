#!/usr/bin/env python3
"""Completions in the shells they are for: bash and fish are asked what they would offer, zsh has its Tab key pressed. A
shell that is not installed is a skip."""
import os
import pty
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from cli_support import run
from tap import Failed, Skip, Tap

LIMIT_S = 60

# Each line that is typed, with words that must be offered behind it and words that must not.
TYPED = [
    ("barnabas cons", ["consume"], ["produce"]),
    ("barnabas topics ", ["list", "describe", "create", "delete"], ["consume"]),
    ("barnabas topics create --rep", ["--replication-factor"], ["--partitions"]),
    ("barnabas groups ", ["list", "describe", "lag", "delete-offsets"], ["consume"]),
    ("barnabas groups delete-offsets --t", ["--topic", "--timeout-ms"], ["--to-latest"]),
    ("barnabas groups list --type ", ["classic", "share"], ["--type"]),
    ("barnabas consume --from", ["--from-beginning"], ["--format"]),
    ("barnabas consume -t consume --iso", ["--isolation"], ["--json"]),
    ("barnabas consume --isolation ", ["read_committed", "read_uncommitted"], ["--json"]),
    ("barnabas produce --acks ", ["0", "1", "all"], ["--acks"]),
    ("barnabas produce -z z", ["zstd"], ["gzip"]),
    ("barnabas completion ", ["bash", "zsh", "fish"], []),
    ("barnabas protocol decode --kind re", ["request", "response"], ["data"]),
]
PROPERTIES = [
    ("barnabas consume -X isolation", "isolation.level="),
    ("barnabas consume -b localhost:9092 -X enable.auto.commit=f", "false"),
    ("barnabas topics list -X metadata.recovery.strategy=no", "none"),
]


def script(shell):
    return run("completion", shell).expect(0).out


def need_shell(name):
    if not shutil.which(name):
        raise Skip(name + " is not installed")


def shell_run(words, cwd=None):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
                          timeout=LIMIT_S, check=False)
    if done.returncode != 0 or done.stderr:
        raise Failed("%s: exit code %d, %s" % (words[0], done.returncode, done.stderr.decode(errors="replace")[-800:]))
    return done.stdout.decode()


class Bash:
    """Asks the function as readline does."""
    name = "bash"
    PROGRAM = r'''source "$1"
COMP_LINE=$2 COMP_POINT=${#2}
read -ra COMP_WORDS <<< "$2"
[[ $2 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_barnabas barnabas "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
((${#COMPREPLY[@]})) && printf "%s\n" "${COMPREPLY[@]}"
exit 0'''

    def __init__(self, file):
        self.file = file

    def offers(self, line, cwd=None):
        return shell_run(["bash", "--norc", "--noprofile", "-c", self.PROGRAM, "bash", self.file, line], cwd).split("\n")[:-1]


class Fish:
    """Asks fish itself (complete -C)."""
    name = "fish"

    def __init__(self, file):
        self.file = file

    def offers(self, line, cwd=None):
        told = shell_run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", self.file, line], cwd)
        return [word.split("\t")[0] for word in told.splitlines()]


def check_offers(tap, shell):
    for line, wanted, unwanted in TYPED:
        offered = shell.offers(line)
        for word in wanted:
            tap.check(word in offered, "%r offers %s, not %s" % (line, offered, word))
        for word in unwanted:
            tap.check(word not in offered, "%r offers %s" % (line, word))
    for line, word in PROPERTIES:
        offered = shell.offers(line)
        tap.check(word in offered or any(each.endswith("=" + word) for each in offered),
                  "%r offers %s, not %s" % (line, offered, word))


def check_files(tap, shell, folder):
    (Path(folder) / "some file.conf").write_text("x", encoding="utf-8")
    (Path(folder) / "some.hex").write_text("x", encoding="utf-8")
    offered = shell.offers("barnabas run -c some", folder)
    tap.check(any("some file.conf" in word.replace("\\", "") for word in offered), "files offered: %s" % offered)
    offered = shell.offers("barnabas protocol decode @some.", folder)
    tap.check("@some.hex" in offered, "behind @: %s" % offered)
    tap.equal(shell.offers("barnabas consume -t som", folder), [], "offered for a topic")


class Typist:
    """An interactive zsh in which `barnabas` prints its arguments."""

    def __init__(self, file, folder):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ.update(TERM="dumb", HOME=folder, ZDOTDIR=folder, PS1="", LC_ALL="C.UTF-8")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.seen = ""
        self.type("PROMPT=; unsetopt BEEP; autoload -Uz compinit; compinit -u -d %s/dump; source %s; "
                  "barnabas() { print -r -- \"GO\"\"T[$*]\" }; print REA\"\"DY\r" % (folder, file))
        self.wait("READY")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, text):
        deadline = time.monotonic() + LIMIT_S
        while text not in self.seen:
            readable, _, _ = select.select([self.terminal], [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                raise Failed("zsh did not print %s: %r" % (text, self.seen[-500:]))
            self.seen += os.read(self.terminal, 4096).decode(errors="replace")

    def completed(self, line):
        """The command line after Tab and Return."""
        self.seen = ""
        self.type(line + "\t\r")
        self.wait("GOT[")
        self.wait("]")
        return self.seen.split("GOT[")[1].split("]")[0]

    def end(self):
        os.close(self.terminal)
        os.waitpid(self.child, 0)


def check_zsh(tap, file, folder):
    typist = Typist(file, folder)
    try:
        for line, wanted in [("barnabas cons", "consume"), ("barnabas completion z", "completion zsh"),
                             ("barnabas topics cr", "topics create"),
                             ("barnabas topics create --rep", "topics create --replication-factor"),
                             ("barnabas consume -e --from", "consume -e --from-beginning"),
                             ("barnabas consume --isolation=read_u", "consume --isolation=read_uncommitted"),
                             ("barnabas produce -z zs", "produce -z zstd"),
                             ("barnabas protocol decode --kind da", "protocol decode --kind data"),
                             ("barnabas consume -X isol", "consume -X isolation.level="),
                             ("barnabas consume -X isolation.level=read_u", "consume -X isolation.level=read_uncommitted")]:
            tap.equal(typist.completed(line).strip(), wanted, line)
    finally:
        typist.end()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        for shell in (Bash, Fish):
            file = folder + "/script." + shell.name
            with tap.case("%s completes commands, flags, choices and -X" % shell.name):
                need_shell(shell.name)
                Path(file).write_bytes(script(shell.name))
                check_offers(tap, shell(file))
            with tap.case("%s completes files where a flag takes one" % shell.name):
                need_shell(shell.name)
                check_files(tap, shell(file), folder)
        with tap.case("bash knows for which command"):
            tap.equal(shell_run(["bash", "--norc", "-c", "source %s/script.bash; complete -p barnabas" % folder]),
                      "complete -F _barnabas barnabas\n", "complete -p")
        for shell in ("bash", "zsh", "fish"):
            with tap.case("%s finds no fault with the script" % shell):
                need_shell(shell)
                file = folder + "/checked." + shell
                Path(file).write_bytes(script(shell))
                shell_run([shell, "-n", file])
        with tap.case("zsh completes when Tab is pressed"):
            need_shell("zsh")
            check_zsh(tap, folder + "/checked.zsh", folder)
        with tap.case("a shell that nobody knows is refused"):
            run("completion", "csh").expect(2, "csh")
    tap.done()


if __name__ == "__main__":
    main()
