// Entry point of every doctest program, with a reporter that prints TAP so that meson and ./dev test count cases, not
// files.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <sstream>
#include <string>
#include <string_view>

namespace {

std::string one_line(std::string_view text) {
  std::string line;
  for (char c : text) line += (c == '\n' || c == '#') ? ' ' : c;
  return line;
}

class TapReporter : public doctest::IReporter {
 public:
  explicit TapReporter(const doctest::ContextOptions&) {}
  void test_run_start() override { std::puts("TAP version 13"); }
  void test_run_end(const doctest::TestRunStats&) override { std::printf("1..%d\n", number_); }
  void test_case_start(const doctest::TestCaseData& data) override { name_ = one_line(data.m_name); }
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    ++number_;
    std::printf("%s %d - %s\n", stats.failure_flags == 0 ? "ok" : "not ok", number_, name_.c_str());
    std::fflush(stdout);
  }
  void test_case_exception(const doctest::TestCaseException& e) override {
    std::printf("# %s: threw %s\n", name_.c_str(), one_line(e.error_string.c_str()).c_str());
  }
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData& assert) override {
    if (!assert.m_failed) return;
    std::printf("# %s:%d: %s( %s ) is false: %s\n", assert.m_file, assert.m_line, doctest::assertString(assert.m_at),
                assert.m_expr, one_line(assert.m_decomp.c_str()).c_str());
    print_captures();
  }
  void log_message(const doctest::MessageData& message) override {
    std::printf("# %s:%d: %s\n", message.m_file, message.m_line, one_line(message.m_string.c_str()).c_str());
  }
  void report_query(const doctest::QueryData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  /// What CAPTURE and INFO hold at the moment of a failure.
  static void print_captures() {
    const auto* const* contexts = get_active_contexts();
    for (int i = 0; i < get_num_active_contexts(); ++i) {
      std::ostringstream text;
      contexts[i]->stringify(&text);
      std::printf("#   with %s\n", one_line(text.str()).c_str());
    }
  }

  std::string name_;
  int number_ = 0;
};

DOCTEST_REGISTER_REPORTER("tap", 1, TapReporter);

}  // namespace

int main(int argc, char** argv) {
  doctest::Context context;
  context.setOption("reporters", "tap");
  context.applyCommandLine(argc, argv);
  const int failed = context.run();
  return context.shouldExit() ? 0 : failed;
}
