#!/usr/bin/env python3
"""Feeds scripts/lint good and bad snippets; prints TAP. Call: lint_test.py PATH_OF_LINT"""
import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import textwrap

LINT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "scripts/lint").resolve()
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("lint", str(LINT))
lint = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint", loader))
loader.exec_module(lint)

ANY = "client/fetch/some.cpp"
count = failures = 0


def report(ok, name, why=""):
    global count, failures
    count += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("\n".join("# " + line for line in why.splitlines()))


def whats(text, path):
    return [f"{finding.line}: {finding.what}" for finding in lint.lint_text(path, textwrap.dedent(text))]


def bad(name, text, expected, path=ANY):
    found = whats(text, path)
    report(len(found) == 1 and expected in found[0], f"refused: {name}", f"expected one with {expected!r}, found {found}")


def good(name, text, path=ANY):
    found = whats(text, path)
    report(not found, f"allowed: {name}", f"found {found}")


def in_coroutine(statements):
    return "asio::awaitable<void> f(Options o) {\n" + textwrap.dedent(statements) + "\n}\n"


def bad_shape(name, statements, expected):
    bad(name, in_coroutine(statements), expected)


def good_shape(name, statements):
    good(name, in_coroutine(statements))


# coroutine shapes
bad_shape("designated initializer as argument", 'co_await open({.a = 1, .b = b});', "braced temporary")
bad_shape("named aggregate as argument", "co_await open(Options{1, b});", "braced temporary")
bad_shape("aggregate of a template", "co_await open(std::pair<int, int>{1, 2});", "braced temporary")
bad_shape("null returned under a condition that waits", "if (!co_await open(a)) co_return nullptr;", "co_return nullptr")
bad_shape("the same in braces", "if (!co_await open(a)) { close(); co_return nullptr; }", "co_return nullptr")
good_shape("null returned under a named condition", "const bool ok = co_await open(a);\nif (!ok) co_return nullptr;")
good_shape("null returned behind such a condition", "if (!co_await open(a)) close();\nco_return nullptr;")
bad_shape("empty braces", "const int n = co_await open(a, {});", "braced temporary")
bad_shape("aggregate inside a nested call", "co_await open(wrap(Options{}));", "braced temporary")
bad_shape("aggregate beside the wait", "use(Options{}, co_await open());", "braced temporary")
bad_shape("aggregate after the wait", "use(co_await open(), Options{});", "braced temporary")
bad_shape("aggregate in a condition", "if (auto v = co_await open(Options{}); v) { use(v); }", "braced temporary")
bad_shape("aggregate in a ternary", "int n = ready ? co_await open(Options{}) : 0;", "braced temporary")
bad_shape("aggregate over several lines", "co_await open(a,\n  Options{\n  1});", "3: braced temporary")
bad_shape("wait inside an initializer", "Options options{.a = co_await open()};", "inside a braced initializer")
bad_shape("wait inside a template's initializer", "auto p = std::pair<int, int>{co_await open(), 1};", "inside a braced")
bad_shape("wait inside a returned initializer", "co_return Options{co_await open()};", "inside a braced initializer")
bad_shape("wait after =", "Options options = {co_await open()};", "inside a braced initializer")
bad_shape("closure with a copy", "co_await [text]() -> asio::awaitable<int> { co_return 1; }();", "captures by value")
bad_shape("closure with all copied", "co_await run([=] { use(a); });", "captures by value")
bad_shape("closure with a moved capture", "co_await run([&a, b = std::move(b)] { use(a, b); });", "captures by value")
bad_shape("closure with *this", "co_await run([*this] { use(); });", "captures by value")
bad_shape("string built in place", "co_await open(std::string(a));", "std::string built in place")
bad_shape("vector built in place", "co_await open(std::vector<int>(3));", "std::vector built in place")
bad_shape("to_string", "co_await open(std::to_string(3));", "std::to_string()")
bad_shape("to_string around the wait", "use(std::to_string(co_await open()));", "std::to_string()")
bad_shape("format", "co_await open(fmt::format(text, 3));", "fmt::format()")
bad_shape("literal", 'co_await open("localhost:9092");', "string literal")
bad_shape("literal of several", 'co_await client.group(g).open(a, "localhost" + b);', "string literal")
bad_shape("literal for a template", 'co_await open<Stream, 3>("localhost");', "string literal")
bad_shape("inside a lambda's body", 'run([](Runtime& r) -> asio::awaitable<void> { co_await open("x"); });', "literal")
bad_shape("in a loop's condition", "while (co_await more(Options{})) use();", "braced temporary")

good_shape("named arguments", "Options o; co_await open(o); co_await open(std::move(o));")
good_shape("named results", "const auto found = co_await open(a);\nif (found) use(*found);")
good_shape("aggregate in another statement", "Options o{.a = 1};\nco_await open(o);\nuse(Options{});")
good_shape("blocks around", "if (a) { co_await open(a); } else { co_await open(b); }\nfor (auto& x : all) { co_await open(x); }")
good_shape("try and do", "try { co_await open(a); } catch (...) { failed = true; }\ndo { co_await open(b); } while (c);")
good_shape("switch", "switch (a) { case 1: co_await open(a); break; default: { co_await open(b); } }")
good_shape("labels and waits after a block", "if (a) { use(Options{}); }\nco_await open(a);")
good_shape("closure by reference", "co_await run([&] { use(a); });\nco_await run([&a, this] { use(Options{}, std::string(a)); });")
good_shape("closure without captures", "co_await run([](int x) { return Options{x}; });")
good_shape("named closure with a copy", "auto work = [a] { use(a); };\nco_await run(work);")
good_shape("lambda coroutine", "run([](Runtime& r) -> asio::awaitable<void> { co_await open(r); });")
good_shape("lambda coroutine without a template type", "run([](Runtime& r) -> Task { co_await open(r); });")
good_shape("mutable lambda coroutine", "run([&]() mutable -> asio::awaitable<void> { co_await open(a); });")
good_shape("comparison before the wait", "if (a < b && c > d) { co_await open(a); }")
good_shape("structured binding", "auto [x, y] = co_await open(a);\nconst auto& [p, q] = co_await open(b);")
good_shape("subscript", "co_await open(all[a]);\nco_await all[i].open();")
good_shape("string view literal", 'co_await open("localhost"sv);')
good_shape("literal elsewhere in the statement", 'CHECK_MESSAGE(co_await open(a), "text");')
good_shape("template arguments", "co_await start<const Token<>&, void()>(a, b);")
good_shape("a string that waits for nothing", 'use("co_await open(Options{})");  // co_await open(Options{})')
good_shape("raw string", 'use(R"(co_await open({}))");')
good_shape("declared with parentheses", "const std::string text(co_await open(a));\nstd::string name = co_await open(b);")
good_shape("range for over a wait", "for (const int x : co_await open(a)) { use(Options{x}); }")
good_shape("digit separators", "co_await open(1'000'000);\nuse(Options{});")

for parameters, fine in [("const char* name", True), ("int a, std::string_view name", True), ("std::string name", False),
                         ("const std::string& name", False), ("const char* a, std::string b", False), ("Name name", False)]:
    text = f"asio::awaitable<Map<int, int>> open({parameters});\n" + in_coroutine('co_await client.open("x");')
    if fine:
        good(f"literal for ({parameters})", text)
    else:
        bad(f"literal for ({parameters})", text, "string literal")
bad("literal for overloads of which one takes a string",
    "asio::awaitable<int> open(const char* a);\nasio::awaitable<int> C::open(std::string a) { co_return 1; }\n"
    + in_coroutine('co_await open("x");'), "string literal")
good("literal for the one overload that could take it",
     "asio::awaitable<int> open();\nasio::awaitable<int> open(Name name);\nasio::awaitable<int> open(const char* a);\n"
     + in_coroutine('co_await open("x");'))

# escapes
good_shape("escape on the line", 'co_await open("x");  // lint: ok takes a string_view')
good_shape("escape on the line before", '// lint: ok takes a string_view\nco_await open("x");')
report(
    whats(in_coroutine('co_await open("x");  // lint: ok'), ANY)
    == ["2: lint: ok without a reason", "2: string literal as argument of an awaited call"],
    "refused: escape without a reason")
report(
    whats(in_coroutine('co_await open("x");  // lint: ok this one\nco_await open("y");'), ANY)
    == ["3: string literal as argument of an awaited call"],
    "refused: the line after an escape")

# order of the rooms
for path, header, fine in [
    ("protocol/codec.cpp", "barnabas/protocol/codec.hpp", True),
    ("protocol/codec.cpp", "barnabas/client/error.hpp", False),
    ("client/client.cpp", "barnabas/protocol/codec.hpp", True),
    ("client/client.cpp", "barnabas/group/consumer.hpp", False),
    ("group/consumer.cpp", "barnabas/client/client.hpp", True),
    ("group/consumer.cpp", "barnabas/handlers/handler.hpp", False),
    ("handlers/otel.cpp", "barnabas/group/consumer.hpp", True),
    ("handlers/otel.cpp", "barnabas/fixtures/sim/sim_runtime.hpp", False),
    ("fixtures/broker/broker.cpp", "barnabas/group/consumer.hpp", True),
    ("fixtures/broker/broker.cpp", "barnabas/handlers/handler.hpp", False),
    ("tools/run.cpp", "barnabas/fixtures/broker/broker.hpp", True),
    ("tools/run.cpp", "barnabas/tests/support.hpp", False),
    ("tests/unit/a.cpp", "barnabas/tools/run.hpp", True),
]:
    check = good if fine else lambda name, text, path: bad(name, text, " includes ", path)
    check(f"{path} includes {header}", f'#include "{header}"\n', path)
bad("climbing include", '#include "../codec.hpp"\n', "include of ../codec.hpp")
good("include of a neighbour", '#include "support.hpp"\n')

# Asio outside the seam
for header in ["asio.hpp", "asio/ip/tcp.hpp", "asio/steady_timer.hpp", "asio/posix/stream_descriptor.hpp",
               "asio/thread_pool.hpp", "asio/signal_set.hpp", "asio/write.hpp", "asio/ssl.hpp", "asio/io_context.hpp"]:
    bad(f"<{header}> in client/fetch", f"#include <{header}>\n", f"<{header}>")
for header in ["asio/awaitable.hpp", "asio/co_spawn.hpp", "asio/detached.hpp", "asio/post.hpp", "asio/use_awaitable.hpp"]:
    good(f"<{header}> in client/fetch", f"#include <{header}>\n")
good("sockets in the seam", "#include <asio/ip/tcp.hpp>\n", "client/runtime/asio_stream.cpp")
bad("sockets in a header of the seam", "#include <asio/ip/tcp.hpp>\n", "header of the seam", "client/runtime/stream.hpp")
good("loop in the simulator", "#include <asio/io_context.hpp>\n", "fixtures/sim/sim_runtime.cpp")
bad("timers in the simulator", "#include <asio/steady_timer.hpp>\n", "steady_timer", "fixtures/sim/sim_clock.cpp")

# what belongs to the seam
for call, expected in [
    ("auto t = std::chrono::steady_clock::now();", "steady_clock::now reads a clock"),
    ("auto t = system_clock::now();", "system_clock::now reads a clock"),
    ("auto t = time(nullptr);", "time() reads a clock"),
    ("auto t = std::time(&x);", "std::time reads a clock"),
    ("int n = rand();", "rand() draws"),
    ("int n = std::rand();", "std::rand draws"),
    ("std::random_device d;", "std::random_device draws"),
    ("std::thread t(f);", "std::thread starts a thread"),
    ("std::jthread t(f);", "std::jthread starts a thread"),
    ("std::this_thread::sleep_for(x);", "sleep_for waits"),
    ("int e = getaddrinfo(a, b, &c, &d);", "getaddrinfo() resolves"),
    ("int e = ::getaddrinfo(a, b, &c, &d);", "getaddrinfo() resolves"),
    ("int fd = socket(AF_INET, SOCK_STREAM, 0);", "socket() opens"),
    ("int fd = ::socket(family, type, 0);", "::socket() opens"),
    ("return ::send(fd, p, n, 0);", "::send() uses a socket"),
    ("std::ofstream out(path);", "std::ofstream opens a file"),
]:
    for path in ("protocol/a.cpp", "client/cluster/a.cpp", "handlers/a.cpp"):
        bad(f"{call} in {path}", f"void f() {{ {call} }}\n", expected, path)
    for path in ("client/runtime/a.cpp", "fixtures/a.cpp", "tools/a.cpp", "tests/a.cpp"):
        good(f"{call} in {path}", f"void f() {{ {call} }}\n", path)
for call in ["auto t = clock.now();", "auto t = record.time();", "int n = random.below(3);", "co_await http.send(request);",
             "std::chrono::steady_clock::time_point t;", "std::this_thread::get_id();", "std::int64_t time(int x);",
             "std::thread::id id;", "stream->connect();", "Client::connect(a);", "auto s = socket(a);", "f(rand_);",
             "std::mt19937_64 engine(seed);", "std::chrono::system_clock::duration d;"]:
    good(call, f"void f() {{ {call} }}\n", "client/cluster/a.cpp")

# paths of one machine
bad("path in a literal", 'auto p = "/home/someone/file";\n', "begins with /home/")
bad("path in a comment", "// see /root/notes\n", "begins with /root/")
bad("path on the second line of a comment", "/* see\n/work/notes */\n", "2: path")
good("a path that only looks like one", 'auto p = "https://example.com/home/x"; auto q = "~/work/x"; auto r = "a/root/";\n')

# the command
with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    (root / "client").mkdir()
    (root / "client" / "a.hpp").write_text('#include "barnabas/group/b.hpp"\n')
    ran = subprocess.run([sys.executable, LINT, "--root", folder], capture_output=True, text=True)
    report(ran.returncode == 1 and ran.stdout.startswith("client/a.hpp:1: client includes group: "),
           "the command prints file:line: what: why and fails", ran.stdout + ran.stderr)
    (root / "client" / "a.hpp").write_text("asio::awaitable<void> open(const char* name);\n")
    (root / "client" / "a.cpp").write_text(in_coroutine('co_await open("x");'))
    ran = subprocess.run([sys.executable, LINT, "--root", folder], capture_output=True, text=True)
    report(ran.returncode == 0 and ran.stdout == "", "the command is silent when all is well", ran.stdout + ran.stderr)

print(f"1..{count}")
sys.exit(1 if failures else 0)
