#include "lib/config/toml.h"

#include <toml++/toml.h>
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "lib/base/files.h"

namespace libra::config {

namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;

struct Problem {
  std::uint32_t line;  // 0: of no line
  std::string text;
  auto operator<=>(const Problem&) const = default;
};

std::uint32_t lineOf(const toml::node* node) { return node == nullptr ? 0 : node->source().begin.line; }

std::string join(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

const char* typeName(toml::node_type type) {
  switch (type) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::string quotedList(const std::vector<std::string>& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "\"" : ", \"") + word + "\"";
  return list;
}

std::string rangeText(std::int64_t value, std::int64_t least, std::int64_t most) {
  return std::to_string(value) + " is not between " + std::to_string(least) + " and " + std::to_string(most);
}

}  // namespace

struct FileState {
  std::string name;
  toml::table root;
  std::set<const toml::node*> known;
  std::set<std::string> defaulted;
  std::vector<Problem> problems;

  std::string where(const Problem& problem) const {
    return name + (problem.line == 0 ? "" : ":" + std::to_string(problem.line)) + ": " + problem.text;
  }

  void complain(const toml::node* node, const std::string& path, std::string_view text) {
    problems.push_back({lineOf(node), path + ": " + std::string(text)});
  }

  void wrongType(const toml::node& node, const std::string& path, toml::node_type want) {
    complain(&node, path, std::string("must be ") + typeName(want) + ", not " + typeName(node.type()));
  }

  // The node of that key, marked as known; null when it is missing.
  const toml::node* take(const void* table, const std::string& path, std::string_view key) {
    const auto* node = table == nullptr ? nullptr : static_cast<const toml::table*>(table)->get(key);
    if (node != nullptr)
      known.insert(node);
    else
      defaulted.insert(join(path, key));
    return node;
  }

  template <typename T>
  std::optional<T> read(const toml::node& node, const std::string& path) {
    if (const auto* value = node.as<T>()) return value->get();
    wrongType(node, path, toml::value<T>(T{}).type());
    return std::nullopt;
  }

  template <typename T>
  std::optional<T> readKey(const void* table, const std::string& path, std::string_view key) {
    const auto* node = take(table, path, key);
    return node == nullptr ? std::nullopt : read<T>(*node, join(path, key));
  }

  // None when the key is missing or anything about it is wrong.
  template <typename T>
  std::optional<std::vector<T>> readArray(const void* table, const std::string& path, std::string_view key) {
    const auto* node = take(table, path, key);
    if (node == nullptr) return std::nullopt;
    const auto* array = node->as_array();
    if (array == nullptr) {
      wrongType(*node, join(path, key), toml::node_type::array);
      return std::nullopt;
    }
    std::vector<T> values;
    for (const auto& element : *array) {
      auto value = read<T>(element, join(path, key) + "[" + std::to_string(values.size()) + "]");
      if (!value) return std::nullopt;
      values.push_back(std::move(*value));
    }
    return values;
  }

  void findUnknown(const toml::table& table, const std::string& path, std::vector<Problem>& found) const {
    for (const auto& [key, node] : table) {
      const std::string name_here = join(path, key.str());
      if (!known.contains(&node)) {
        found.push_back({lineOf(&node), name_here + ": unknown " + (node.is_table() ? "table" : "key")});
        continue;
      }
      if (const auto* inner = node.as_table()) findUnknown(*inner, name_here, found);
      if (const auto* array = node.as_array())
        for (const auto& element : *array)
          if (const auto* inner = element.as_table()) findUnknown(*inner, name_here, found);
    }
  }
};

bool Section::present() const { return table_ != nullptr; }

bool Section::has(std::string_view key) const {
  return table_ != nullptr && static_cast<const toml::table*>(table_)->contains(key);
}

std::string Section::text(std::string_view key, std::string fallback) {
  return file_->readKey<std::string>(table_, path_, key).value_or(std::move(fallback));
}

std::string Section::needText(std::string_view key) {
  if (!has(key)) {
    problem(key, "missing");
    return {};
  }
  const auto value = file_->readKey<std::string>(table_, path_, key);
  if (value && value->empty()) problem(key, "must not be empty");
  return value.value_or("");
}

std::string Section::oneOf(std::string_view key, std::vector<std::string> choices, std::string fallback) {
  auto value = file_->readKey<std::string>(table_, path_, key);
  if (!value) return fallback;
  if (std::find(choices.begin(), choices.end(), *value) != choices.end()) return *std::move(value);
  problem(key, "\"" + *value + "\" is not one of " + quotedList(choices));
  return fallback;
}

std::int64_t Section::integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const auto value = file_->readKey<std::int64_t>(table_, path_, key);
  if (!value) return fallback;
  if (*value >= least && *value <= most) return *value;
  problem(key, rangeText(*value, least, most));
  return fallback;
}

bool Section::flag(std::string_view key, bool fallback) {
  return file_->readKey<bool>(table_, path_, key).value_or(fallback);
}

std::vector<std::string> Section::texts(std::string_view key, std::vector<std::string> fallback) {
  return file_->readArray<std::string>(table_, path_, key).value_or(std::move(fallback));
}

std::vector<std::int64_t> Section::integers(std::string_view key, std::vector<std::int64_t> fallback,
                                            std::int64_t least, std::int64_t most) {
  auto values = file_->readArray<std::int64_t>(table_, path_, key);
  if (!values) return fallback;
  for (const auto value : *values) {
    if (value >= least && value <= most) continue;
    problem(key, rangeText(value, least, most));
    return fallback;
  }
  return *std::move(values);
}

Section Section::section(std::string_view key) {
  const auto* node = file_->take(table_, path_, key);
  const auto* table = node == nullptr ? nullptr : node->as_table();
  if (node != nullptr && table == nullptr) file_->wrongType(*node, join(path_, key), toml::node_type::table);
  return Section(file_, table, join(path_, key));
}

std::vector<Section> Section::sections(std::string_view key) {
  const auto* node = file_->take(table_, path_, key);
  if (node == nullptr) return {};
  const auto* array = node->as_array();
  if (array == nullptr || std::any_of(array->begin(), array->end(), [](const auto& e) { return !e.is_table(); })) {
    file_->complain(node, join(path_, key), "must be an array of tables: [[" + join(path_, key) + "]]");
    return {};
  }
  std::vector<Section> found;
  for (const auto& element : *array) found.push_back(Section(file_, element.as_table(), join(path_, key)));
  return found;
}

void Section::problem(std::string_view key, std::string_view text) {
  const auto* table = static_cast<const toml::table*>(table_);
  const toml::node* node = table == nullptr ? nullptr : table->get(key);
  file_->complain(node == nullptr ? table : node, join(path_, key), text);
}

Result<File> File::read(const std::string& path) {
  const auto content = readFile(path, kLargestFile);
  return content ? parse(path, *content) : Result<File>(content.error());
}

Result<File> File::parse(const std::string& name, std::string_view content) {
  try {
    auto state = std::make_shared<FileState>();
    state->name = name;
    state->root = toml::parse(content, name);
    return File(std::move(state));
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    return Error{ErrorCode::Invalid, name + ":" + std::to_string(line) + ": " + std::string(error.description())};
  }
}

Section File::top() { return Section(state_, &state_->root, ""); }

std::vector<std::string> File::problems() const {
  auto all = state_->problems;
  state_->findUnknown(state_->root, "", all);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<std::string> lines;
  for (const auto& problem : all) lines.push_back(state_->where(problem));
  return lines;
}

std::vector<std::string> File::defaulted() const { return {state_->defaulted.begin(), state_->defaulted.end()}; }

Status File::finish() const {
  std::string text;
  for (const auto& line : problems()) text += (text.empty() ? "" : "\n") + line;
  return text.empty() ? ok() : Status(Error{ErrorCode::Invalid, text});
}

}  // namespace libra::config
