#include "core/exporter/log_rules/log_line_counter_p.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace trendscope::exporter {

namespace {

using observability::MetricDescription;

// Beyond that, names of files that are long gone are forgotten.
constexpr std::size_t mostFiles = 4096;

bool appliesTo(const config::LogRule &rule, const std::string &file)
{
    return rule.files.empty() || std::ranges::any_of(rule.files, [&](const std::string &pattern) {
               return pattern == file
                   || ::fnmatch(pattern.c_str(), file.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
           });
}

std::string_view withoutPadding(std::string_view line)
{
    const std::size_t zeroes = std::min(line.find_first_not_of('\0'), line.size());
    line.remove_prefix(zeroes);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
        line.remove_suffix(1);
    return line;
}

} // namespace

LogLineCounter::LogLineCounter(const config::LogMetrics &settings,
                               std::shared_ptr<LogSeries> series)
    : m_series(std::move(series))
    , m_lines(m_series->registry().add({.name = "trendscope_log_lines_total",
                                        .type = MetricDescription::Type::Counter,
                                        .help = "Lines of log files that are JSON objects.",
                                        .labels = {"file", "level"}}))
    , m_errors(m_series->registry().add({.name = "trendscope_log_errors_total",
                                         .type = MetricDescription::Type::Counter,
                                         .help = "Lines of log files that were skipped, by why.",
                                         .labels = {"file", "kind"}}))
    , m_lineLimit(settings.lineLimit)
    , m_rules(allRules(settings))
{
    // So that HELP and TYPE of each metric are there before the first line is.
    std::vector<std::size_t> everything(m_rules.size());
    for (std::size_t i = 0; i < everything.size(); ++i)
        everything[i] = i;
    m_engines[everything] = std::make_unique<LogRuleEngine>(m_rules, *m_series);
}

LogLineCounter::~LogLineCounter() = default;

LogLineCounter::File &LogLineCounter::fileOf(const std::string &name)
{
    if (const auto known = m_files.find(name); known != m_files.end())
        return known->second;
    std::vector<std::size_t> indices;
    std::vector<config::LogRule> rules;
    for (std::size_t i = 0; i < m_rules.size(); ++i) {
        if (isFor(i, name)) {
            indices.push_back(i);
            rules.push_back(m_rules[i]);
        }
    }
    const auto place = m_engines.try_emplace(std::move(indices)).first;
    if (!place->second)
        place->second = std::make_unique<LogRuleEngine>(rules, *m_series);
    if (m_files.size() >= mostFiles)
        m_files.clear();
    const File file{place->second.get(), &place->first};
    return m_files.emplace(name, file).first->second;
}

/// A series begins with its first line: files may come and go by the thousand.
void LogLineCounter::countLines(const std::string &name, std::size_t level, double lines)
{
    static constexpr std::array<std::string_view, levels> names{"UNKNOWN", "DEBUG", "INFO",
                                                                "WARNING", "ERROR", "CRITICAL"};
    m_lines.increment({name, names[level]}, lines);
}

void LogLineCounter::countError(const std::string &name, Error error)
{
    static constexpr std::array<std::string_view, errors> kinds{"not_json", "invalid_utf8",
                                                                "too_long", "cut"};
    m_errors.increment({name, kinds[static_cast<std::size_t>(error)]});
    ++fileOf(name).faults;
}

LogRuleEngine::Line LogLineCounter::take(File &file, std::string_view line, Counts &counts)
{
    const LogRuleEngine::Line taken = file.engine->take(line);
    if (taken.fault == LogRuleEngine::Fault::None)
        ++counts[static_cast<std::size_t>(taken.level)];
    return taken;
}

void LogLineCounter::takeLines(const std::string &name, std::string_view lines)
{
    File &file = fileOf(name);
    Counts counts{};
    const char *begin = lines.data();
    const char *const end = begin + lines.size();
    while (begin < end) {
        const char *const newline = static_cast<const char *>(
            std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
        std::string_view line(begin, static_cast<std::size_t>((newline ? newline : end) - begin));
        begin += line.size() + 1;
        line = withoutPadding(line);
        if (line.empty())
            continue;
        if (line.size() > m_lineLimit) {
            countError(name, Error::TooLong);
            continue;
        }
        const LogRuleEngine::Line taken = take(file, line, counts);
        if (taken.fault == LogRuleEngine::Fault::NotJson)
            countError(name, Error::NotJson);
        else if (taken.fault == LogRuleEngine::Fault::InvalidUtf8)
            countError(name, Error::InvalidUtf8);
    }
    for (std::size_t level = 0; level < levels; ++level) {
        if (counts[level] > 0)
            countLines(name, level, static_cast<double>(counts[level]));
    }
}

void LogLineCounter::takeUnended(const std::string &name, std::string_view line)
{
    line = withoutPadding(line);
    if (line.empty())
        return;
    if (line.size() > m_lineLimit)
        return countError(name, Error::TooLong);
    File &file = fileOf(name);
    Counts counts{};
    const LogRuleEngine::Line taken = take(file, line, counts);
    if (taken.fault != LogRuleEngine::Fault::None)
        return countError(name, Error::Cut);
    countLines(name, static_cast<std::size_t>(taken.level), 1);
}

void LogLineCounter::skipLine(const std::string &name)
{
    countError(name, Error::TooLong);
}

bool LogLineCounter::brings(std::string_view metric) const
{
    return std::ranges::find(m_rules, metric, &config::LogRule::metric) != m_rules.end();
}

bool LogLineCounter::isFor(std::size_t rule, const std::string &name) const
{
    return appliesTo(m_rules[rule], name);
}

std::uint64_t LogLineCounter::faults(const std::string &name)
{
    return fileOf(name).faults;
}

std::vector<std::uint64_t> LogLineCounter::matches(const std::string &name)
{
    const File &file = fileOf(name);
    std::vector<std::uint64_t> out(m_rules.size());
    for (std::size_t i = 0; i < file.rules->size(); ++i)
        out[(*file.rules)[i]] = file.engine->matches()[i];
    return out;
}

} // namespace trendscope::exporter
