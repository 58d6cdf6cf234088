// barnabas man: the manual pages.
#include "barnabas/tools/man.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "barnabas/client/error.hpp"
#include "barnabas/tools/command.hpp"
#include "barnabas/tools/man_words.hpp"
#include "barnabas/tools/version.hpp"

namespace barnabas::tools {
namespace {

/// The code point at the front of `text`, which is taken off it.
char32_t take_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t point = bytes == 1 ? first : first & (0xff >> (bytes + 1));
  for (std::size_t i = 1; i < std::min(bytes, text.size()); ++i) {
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  text.remove_prefix(std::min(bytes, text.size()));
  return point;
}

std::string dashed(std::string path) {
  std::ranges::replace(path, ' ', '-');
  return path;
}

std::string bold(std::string_view text) { return "\\fB" + roff_text(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff_text(text) + "\\fR"; }

void append_section(std::string& out, std::string_view title) { out += fmt::format(".SH {}\n", title); }

/// A line of text. Behind a leading dot or quote roff would see a request.
void append_line(std::string& out, std::string line) {
  if (!line.empty() && (line.front() == '.' || line.front() == '\'')) out += "\\&";
  out += line + "\n";
}

void append_paragraphs(std::string& out, std::string_view text) {
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    if (!first) out += ".PP\n";
    first = false;
    append_line(out, roff_text(text.substr(0, end)));
    text.remove_prefix(end == text.npos ? text.size() : end + 2);
  }
}

/// Lines that keep their breaks.
void append_literal(std::string& out, std::string_view text) {
  out += ".nf\n";
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    append_line(out, roff_text(text.substr(0, end)));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  out += ".fi\n";
}

std::string positional_text(const FlagModel& positional) {
  std::string text = italic(positional.position);
  if (positional.repeated) text += "...";
  return positional.required ? text : "[" + text + "]";
}

void append_usage(std::string& out, const CommandModel& command) {
  if (command.commands.empty()) {
    std::string line = bold(command.path) + " [" + italic("options") + "]";
    for (const FlagModel& flag : command.flags) {
      if (!flag.required || !flag.position.empty()) continue;
      line += " " + bold(flag.names().front()) + " " + italic(flag.placeholder);
    }
    for (const FlagModel& positional : command.positionals) line += " " + positional_text(positional);
    out += line + "\n.br\n";
  }
  for (const CommandModel& below : command.commands) append_usage(out, below);
}

/// The sentence, then what the table knows besides: choices, range, default.
std::string flag_text(const FlagModel& flag) {
  std::string text = roff_text(flag.sentence);
  if (!text.empty() && text.back() != '.') text += '.';
  if (!flag.choices.empty() && flag.sentence.find(flag.choices.back()) == std::string::npos) {
    text += roff_text(fmt::format(" One of {}.", fmt::join(flag.choices, ", ")));
  }
  if (!flag.range.empty()) text += roff_text(fmt::format(" From {}.", flag.range));
  if (!flag.default_text.empty()) text += roff_text(fmt::format(" Default: {}.", flag.default_text));
  if (flag.required) text += " Required.";
  return text;
}

void append_flag(std::string& out, const FlagModel& flag) {
  std::vector<std::string> names;
  for (const std::string& name : flag.names()) names.push_back(bold(name));
  out += fmt::format(".TP\n{}", fmt::join(names, ", "));
  if (flag.takes != Takes::nothing) out += " " + italic(flag.placeholder);
  out += "\n";
  append_line(out, flag_text(flag));
}

void append_options(std::string& out, const CommandModel& command) {
  for (const FlagModel& positional : command.positionals) {
    if (!positional.names().empty()) continue;
    out += ".TP\n" + italic(positional.position) + "\n";
    append_line(out, flag_text(positional));
  }
  for (const FlagModel& flag : command.flags) append_flag(out, flag);
  if (!command.footer.empty()) {
    const std::size_t text = command.footer.find_first_not_of('\n');
    if (text == std::string::npos) return;
    out += ".PP\n";
    append_literal(out, std::string_view(command.footer).substr(text));
  }
}

void append_commands(std::string& out, const CommandModel& root) {
  append_section(out, "COMMANDS");
  for (const CommandModel& command : root.commands) {
    out += ".TP\n.BR " + roff_text(dashed(command.path)) + " (1)\n";
    append_line(out, roff_text(command.sentence) + ".");
  }
}

void append_exit_status(std::string& out) {
  constexpr std::pair<int, std::string_view> statuses[] = {
      {exit_ok, "Done."},
      {exit_failed, "The cluster could not be reached or refused the request, or standard output not be written to."},
      {exit_usage, "Wrong command line or configuration."},
      {exit_fatal, "What waiting does not cure: a fenced group.instance.id, no authorisation for the group."},
      {exit_data, "Data that could not be read, written, decoded or encoded."},
      {exit_interrupted, "SIGINT or SIGTERM ended the command before its time."}};
  append_section(out, "EXIT STATUS");
  for (const auto& [status, sentence] : statuses) out += fmt::format(".TP\n{}\n{}\n", status, roff_text(sentence));
}

void append_examples(std::string& out, const ManWords& words) {
  append_section(out, "EXAMPLES");
  for (const ManExample& example : words.examples) {
    if (&example != &words.examples.front()) out += ".PP\n";
    if (!example.sentence.empty()) {
      append_line(out, roff_text(example.sentence));
      out += ".PP\n";
    }
    append_literal(out, example.line);
  }
}

void append_see_also(std::string& out, const CommandModel& root, const CommandModel& command) {
  std::vector<std::string> pages;
  if (&command != &root) pages.push_back(fmt::format(".BR {} (1)", root.name));
  for (const CommandModel& other : root.commands) {
    if (&other != &command) pages.push_back(fmt::format(".BR {} (1)", roff_text(dashed(other.path))));
  }
  append_section(out, "SEE ALSO");
  out += fmt::format("{}\n", fmt::join(pages, " ,\n"));
}

void print_page(const std::string& name, const CommandModel& root) {
  if (name.empty()) return fmt::print("{}", man_page(root, root));
  for (const CommandModel& command : root.commands) {
    if (command.name == name) return fmt::print("{}", man_page(root, command));
  }
  Error error(Error::Stage::config, "print the page of " + name, "", "there is no such command");
  throw error.hint("barnabas --help names them all");
}

void write_page(const std::string& directory, const CommandModel& root, const CommandModel& command) {
  const std::string path = directory + "/" + man_file_name(command);
  std::ofstream file(path, std::ios::binary);
  file << man_page(root, command);
  if (!file.flush()) throw Error(Error::Stage::config, "write " + path, "", std::strerror(errno));
}

}  // namespace

std::string roff_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char32_t point = take_code_point(text);
    switch (point) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      case '"': out += "\\(dq"; break;
      default:
        if (point < 0x80) {
          out += static_cast<char>(point);
        } else {
          out += fmt::format("\\[u{:04X}]", static_cast<std::uint32_t>(point));
        }
    }
  }
  return out;
}

std::string man_file_name(const CommandModel& command) { return dashed(command.path) + ".1"; }

std::string man_page(const CommandModel& root, const CommandModel& command) {
  const bool whole = &command == &root;
  const ManWords* words = man_words(whole ? std::string_view() : std::string_view(command.name));
  const std::string title = dashed(command.path);
  std::string upper = title;
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string out = fmt::format(".\\\" Made by: barnabas man\n.TH {} 1 {} \"Barnabas {}\" \"Barnabas\"\n",
                                roff_text(upper), barnabas_date, barnabas_version);
  append_section(out, "NAME");
  out += fmt::format("{} \\- {}\n", roff_text(title), roff_text(command.sentence));
  append_section(out, "SYNOPSIS");
  if (whole) {
    out += bold(root.name) + " " + italic("command") + " [" + italic("options") + "]\n";
  } else {
    append_usage(out, command);
    out.resize(out.size() - 4);  // the last ".br\n"
  }
  if (words) {
    append_section(out, "DESCRIPTION");
    append_paragraphs(out, words->description);
  }
  if (whole) append_commands(out, root);
  append_section(out, "OPTIONS");
  append_options(out, command);
  for (const CommandModel& below : command.commands) {
    if (whole) break;
    out += fmt::format(".SS {}\n", roff_text(below.path));
    append_line(out, roff_text(below.sentence) + ".");
    append_options(out, below);
  }
  append_exit_status(out);
  if (words) append_examples(out, *words);
  append_see_also(out, root, command);
  return out;
}

void add_man(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("man", "Print a manual page");
  auto name = std::make_shared<std::string>();
  auto directory = std::make_shared<std::string>();
  command->add_option("command", *name, "Whose page; of barnabas itself without");
  command->add_option("--directory", *directory, "Write all pages into this directory instead")->type_name("DIRECTORY");
  command->callback([name, directory, &app, &exit_code] {
    const CommandModel root = command_model(app);
    if (directory->empty()) {
      print_page(*name, root);
    } else {
      write_page(*directory, root, root);
      for (const CommandModel& below : root.commands) write_page(*directory, root, below);
    }
    exit_code = exit_ok;
  });
}

}  // namespace barnabas::tools
