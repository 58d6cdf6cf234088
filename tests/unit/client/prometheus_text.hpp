// A strict reader of Prometheus' text format: what it does not understand fails the test.
#pragma once

#include <doctest/doctest.h>

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace barnabas::client::testing {

/// Samples by name and sorted labels: `name{a="1",b="2"}`, values unescaped. Throws std::runtime_error with the line
/// that breaks a rule: each family has one HELP and one TYPE in front of all of its samples, names and labels are well
/// formed, no sample comes twice, counters end in _total, buckets grow and end with +Inf = _count, the text ends with a
/// line feed.
class PrometheusReader {
 public:
  explicit PrometheusReader(std::string_view text) {
    if (text.empty() || text.back() != '\n') throw std::runtime_error("no line feed at the end");
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      line_ = text.substr(at, end - at);
      line_.starts_with("# ") ? read_head() : read_sample();
      at = end + 1;
    }
    for (const auto& [series, buckets] : buckets_) check_histogram(series, buckets);
  }

  double value(const std::string& sample) const {
    const auto found = samples_.find(sample);
    if (found == samples_.end()) throw std::runtime_error("no sample " + sample);
    return found->second;
  }
  bool has(const std::string& sample) const { return samples_.contains(sample); }
  std::string type(const std::string& family) const { return types_.at(family); }
  const std::map<std::string, std::string>& types() const { return types_; }
  std::size_t size() const { return samples_.size(); }

 private:
  using Labels = std::map<std::string, std::string>;

  [[noreturn]] void fail(const char* why) const {
    throw std::runtime_error(std::string(why) + ": " + std::string(line_));
  }

  static bool name_char(char c, bool first) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' ||
           (!first && std::isdigit(static_cast<unsigned char>(c)));
  }
  std::string read_name(std::size_t& at) const {
    const std::size_t from = at;
    while (at < line_.size() && name_char(line_[at], at == from)) ++at;
    if (at == from) fail("no name");
    return std::string(line_.substr(from, at - from));
  }

  void read_head() {
    const bool help = line_.starts_with("# HELP ");
    if (!help && !line_.starts_with("# TYPE ")) fail("an unknown comment");
    std::size_t at = 7;
    const std::string name = read_name(at);
    if (at >= line_.size() || line_[at] != ' ') fail("nothing behind the name");
    const std::string rest(line_.substr(at + 1));
    if (rest.empty()) fail("nothing behind the name");
    if (help) {
      if (!helps_.insert(name).second) fail("HELP twice");
      family_ = name;
      return;
    }
    if (name != family_ || !types_.emplace(name, rest).second) fail("TYPE not behind its HELP");
    if (rest != "counter" && rest != "gauge" && rest != "histogram") fail("an unknown type");
    if ((rest == "counter") != name.ends_with("_total")) fail("counters and nothing else end in _total");
  }

  Labels read_labels(std::size_t& at) const {
    Labels labels;
    if (at >= line_.size() || line_[at] != '{') return labels;
    do {
      const std::string name = read_name(++at);
      if (line_.substr(at, 2) != "=\"") fail("no label value");
      std::string value;
      for (at += 2; at < line_.size() && line_[at] != '"'; ++at) {
        if (line_[at] != '\\') {
          value += line_[at];
          continue;
        }
        const char escaped = ++at < line_.size() ? line_[at] : '\0';
        if (escaped != '\\' && escaped != '"' && escaped != 'n') fail("a bad escape");
        value += escaped == 'n' ? '\n' : escaped;
      }
      if (at++ >= line_.size() || !labels.emplace(name, value).second) fail("a bad label");
    } while (at < line_.size() && line_[at] == ',');
    if (at >= line_.size() || line_[at++] != '}') fail("labels without an end");
    return labels;
  }

  static std::string text_of(const std::string& name, const Labels& labels) {
    std::string text = name + (labels.empty() ? "" : "{");
    for (const auto& [label, value] : labels) text += label + "=\"" + value + "\",";
    if (!labels.empty()) text.back() = '}';
    return text;
  }

  void read_sample() {
    std::size_t at = 0;
    const std::string name = read_name(at);
    Labels labels = read_labels(at);
    if (at >= line_.size() || line_[at] != ' ') fail("no value");
    const std::string number(line_.substr(at + 1));
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0') fail("no number");
    if (!types_.contains(family_)) fail("no TYPE");
    const bool histogram = types_[family_] == "histogram";
    const std::string suffix = name.starts_with(family_) ? name.substr(family_.size()) : "?";
    if (histogram ? suffix != "_bucket" && suffix != "_sum" && suffix != "_count" : !suffix.empty()) {
      fail("a sample outside of its family");
    }
    if (!samples_.emplace(text_of(name, labels), value).second) fail("a sample twice");
    if (suffix != "_bucket") return;
    const auto le = labels.extract("le");
    if (le.empty()) fail("a bucket without le");
    const double bound = le.mapped() == "+Inf" ? HUGE_VAL : std::strtod(le.mapped().c_str(), nullptr);
    if (!buckets_[text_of(family_ + "_count", labels)].emplace(bound, value).second) fail("a bucket twice");
  }

  void check_histogram(const std::string& count, const std::map<double, double>& buckets) const {
    double before = 0;
    for (const auto& [bound, value] : buckets) {
      if (value < before) throw std::runtime_error("buckets shrink: " + count);
      before = value;
    }
    if (buckets.rbegin()->first != HUGE_VAL || before != value(count)) {
      throw std::runtime_error("+Inf is not the count: " + count);
    }
  }

  std::string_view line_;
  std::string family_;
  std::set<std::string> helps_;
  std::map<std::string, std::string> types_;
  std::map<std::string, double> samples_;
  std::map<std::string, std::map<double, double>> buckets_;
};

}  // namespace barnabas::client::testing
