#include "core/exporter/log_rules/log_rule_check.h"

#include "core/exporter/log_rules/log_line_counter_p.h"
#include "core/exporter/log_rules/log_rule_p.h"
#include "core/logs/rotated_files.h"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace trendscope::exporter {

namespace {

constexpr std::size_t linesLookedAt = 1000;
constexpr std::size_t mostBytes = 16 << 20;

std::vector<std::string> filesOf(const std::string &pattern)
{
    std::vector<std::string> out;
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
        out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    std::erase_if(out, [](const std::string &file) { return logs::isCompressed(file); });
    return out;
}

/// The last whole lines of a file, padded; nothing when it can not be read.
std::optional<std::string> lastLines(const std::string &file)
{
    const int descriptor = logs::openLog(file);
    if (descriptor < 0)
        return {};
    const auto status = logs::statusOf(descriptor);
    const std::uint64_t size = status ? status->size : 0;
    std::string text(std::min<std::uint64_t>(size, mostBytes), '\0');
    const ssize_t count =
        ::pread(descriptor, text.data(), text.size(), static_cast<off_t>(size - text.size()));
    ::close(descriptor);
    if (count < 0)
        return {};
    const bool isWhole = static_cast<std::uint64_t>(count) == size;
    text.resize(static_cast<std::size_t>(count));
    text.resize(text.find_last_of('\n') + 1); // npos + 1 is 0
    std::size_t begin = text.size();
    for (std::size_t lines = 0; begin > 0 && lines < linesLookedAt; ++lines) {
        const std::size_t newline = begin < 2 ? text.npos : text.rfind('\n', begin - 2);
        if (newline == text.npos && !isWhole)
            break; // the line's beginning was not read
        begin = newline == text.npos ? 0 : newline + 1;
    }
    return text.substr(begin);
}

class RuleCheck {
public:
    explicit RuleCheck(const config::LogMetrics &settings)
        : m_settings(settings)
        , m_matches(settings.rules.size())
        , m_files(settings.rules.size())
    {
        m_settings.builtIn.clear();
    }

    std::vector<std::string> run()
    {
        for (const std::string &pattern : m_settings.files) {
            const std::vector<std::string> files = filesOf(pattern);
            if (files.empty())
                m_findings.push_back("no file matches " + pattern);
            for (const std::string &file : files)
                checkFile(file);
        }
        if (m_settings.files.empty())
            m_findings.emplace_back("there are no log files to make metrics of: 'files' is empty");
        for (std::size_t i = 0; i < m_settings.rules.size(); ++i)
            checkRule(i);
        return std::move(m_findings);
    }

private:
    void checkFile(const std::string &file)
    {
        auto text = lastLines(file);
        if (!text)
            return m_findings.push_back(file + " can not be read: " + std::strerror(errno));
        const auto lines = std::ranges::count(*text, '\n');
        if (lines == 0)
            return;
        observability::Registry registry;
        LogLineCounter counter(m_settings, std::make_shared<LogSeries>(registry));
        const std::size_t size = text->size();
        text->append(LogRuleEngine::padding(), '\0');
        counter.takeLines(file, std::string_view(*text).substr(0, size));
        const auto matches = counter.matches(file);
        for (std::size_t i = 0; i < matches.size(); ++i) {
            if (!counter.isFor(i, file))
                continue;
            m_matches[i] += matches[i];
            m_files[i] += (m_files[i].empty() ? "" : ", ") + file;
        }
        if (const auto faults = counter.faults(file); faults > 0)
            m_findings.push_back(file + ": " + std::to_string(faults) + " of the last "
                                 + std::to_string(lines) + " lines are not JSON objects");
        addSkipped(registry, file);
    }

    void addSkipped(observability::Registry &registry, const std::string &file)
    {
        for (const config::LogRule &rule : m_settings.rules) {
            for (const SkipKind kind :
                 {SkipKind::MissingLabel, SkipKind::MissingValue, SkipKind::BadValue}) {
                const double count = skippedRecords(registry, rule.name, kind).value();
                if (count > 0)
                    m_findings.push_back(file + ": the rule " + rule.name + " matches "
                                         + std::to_string(static_cast<std::uint64_t>(count))
                                         + " lines that it can not use: "
                                         + std::string(nameOf(kind)));
            }
        }
    }

    void checkRule(std::size_t i)
    {
        const config::LogRule &rule = m_settings.rules[i];
        if (m_files[i].empty())
            m_findings.push_back("the rule " + rule.name + " is for no file that has lines");
        else if (m_matches[i] == 0)
            m_findings.push_back("the rule " + rule.name + " matches none of the last "
                                 + std::to_string(linesLookedAt) + " lines of " + m_files[i]);
    }

    config::LogMetrics m_settings;
    std::vector<std::uint64_t> m_matches; ///< by rule
    std::vector<std::string> m_files;     ///< by rule: those that it is for, and that have lines
    std::vector<std::string> m_findings;
};

} // namespace

std::vector<std::string> checkRules(const config::LogMetrics &settings)
{
    return RuleCheck(settings).run();
}

} // namespace trendscope::exporter
