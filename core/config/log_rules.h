#pragma once

#include "core/result.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace YAML { // NOLINT(readability-identifier-naming): as yaml-cpp calls it
class Node;
}

namespace trendscope::config {

/// Names of a field of a JSON log record, of which the first that the record has is meant.
///
/// A name is a key, or the keys of nested objects with dots between: `context.request.size`. It is
/// looked for at the top level, then within `context`. A dot that belongs to a key has a backslash
/// before it: `http\.method`.
using LogField = std::vector<std::string>;

/// What must hold of one field; what is said must hold together.
///
/// Texts are compared with a string's content, or with a number, true, false and null as they are
/// written. Numbers may also be in a string. Nothing but `exists: false` holds of a field that the
/// record does not have.
struct LogCondition {
    LogField field;
    std::vector<std::string> oneOf = {}; ///< empty: not asked
    std::optional<bool> exists = {};
    std::optional<double> above = {};
    std::optional<double> atLeast = {};
    std::optional<double> below = {};
    std::optional<double> atMost = {};
    std::string regex = {}; ///< RE2, found anywhere in the text; empty: not asked

    bool operator==(const LogCondition &) const = default;
};

/// Turns a label's text into another one; the steps are taken in the order of the members.
struct LogRewrite {
    bool lowerCase = false;
    /// Segments of a path that are numbers, UUIDs or 16 or more hexadecimal digits become {id}, and
    /// what follows a '?' goes.
    bool ids = false;
    /// RE2 expressions, and what each of their matches becomes; \1 is the first group.
    std::vector<std::pair<std::string, std::string>> replace = {};
    /// Whole texts and what they become; others stay.
    std::vector<std::pair<std::string, std::string>> map = {};

    bool operator==(const LogRewrite &) const = default;
};

struct LogLabel {
    std::string name;
    LogField field = {};                   ///< empty: `fallback` is a constant
    std::optional<std::string> fallback{}; ///< where no field is; none: the record is skipped
    LogRewrite rewrite = {};               ///< of what was in a field

    bool operator==(const LogLabel &) const = default;
};

/// A field that holds a number, and what it is multiplied with: 0.001 for milliseconds.
struct LogValueField {
    std::string field;
    double scale = 1;

    bool operator==(const LogValueField &) const = default;
};

/// One metric that is made of log records.
struct LogRule {
    enum class Type { Counter, Gauge, Histogram };

    std::string name; ///< in messages and in the label `rule`
    /// Which files it is for, as globs; empty: all that are followed.
    std::vector<std::string> files = {};
    std::vector<LogCondition> match = {}; ///< all must hold
    std::string metric;
    std::string help = {};
    Type type = Type::Counter;
    std::vector<double> buckets = {};      ///< histograms: upper bounds, ascending
    std::vector<LogValueField> value = {}; ///< the first that the record has
    std::optional<double> valueFallback{}; ///< where no field is; none: the record is skipped
    std::vector<LogLabel> labels = {};
    std::size_t maxSeries = 1000; ///< > 0; records that would make more are counted, not taken

    bool operator==(const LogRule &) const = default;
};

/// Log files whose records become metrics.
struct LogMetrics {
    enum class Start { Beginning, End };

    /// Globs as of the shell; what is compressed (.gz, .xz, …) is left out.
    std::vector<std::string> files = {};
    /// Which of the rules that come with the program apply: api, tasks, business, audit.
    std::vector<std::string> builtIn = {"api", "tasks", "business", "audit"};
    std::vector<LogRule> rules = {};
    /// Where it is kept how far each file was read; empty: nowhere, and every start is a first one.
    std::filesystem::path checkpoint = {};
    /// Of files that are there at the first start; those that come later are read whole.
    Start start = Start::End;
    std::size_t lineLimit = 1 << 20; ///< bytes; longer lines are counted and skipped

    bool operator==(const LogMetrics &) const = default;
};

/// Reads a map such as this one; everything but `files` may be left out.
///
///     files: [/var/log/trends/*.jsonl]
///     built_in: [api, tasks, business, audit]
///     checkpoint: /var/lib/trendscope/logs.checkpoint
///     start: end
///     line_limit: 1048576
///     rules:
///       - metric: checkout_duration_seconds
///         help: Time to check out.
///         type: histogram
///         buckets: [0.1, 0.5, 1, 5]
///         match:
///           event: checkout                  # is that text; a list: is one of them
///           status: {at_least: 200, below: 300}
///           message: {regex: ^done}
///           context.error: {exists: false}
///         value: {field: duration_ms, scale: 0.001}
///         labels:
///           method: method                   # a field, or a list: the first one that is there
///           path: {field: path, ids: true, lower_case: true, default: none}
///           shop: {field: shop, replace: [{regex: '-\d+$', with: ''}], map: {de: Germany}}
///           site: {constant: berlin}
///         max_series: 500
///
/// `file` is named in errors, and what paths are relative to. Errors: Invalid, naming file, line
/// and key, for unknown keys (with the nearest known one), values of a wrong type, expressions and
/// names that are not valid, and rules that describe one metric differently.
Result<LogMetrics> readLogMetrics(const YAML::Node &section, const std::filesystem::path &file);

/// The same of a text that is YAML.
Result<LogMetrics> parseLogMetrics(const std::string &text, const std::filesystem::path &file);

} // namespace trendscope::config
