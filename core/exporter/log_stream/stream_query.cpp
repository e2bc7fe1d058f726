#include "core/exporter/log_stream/stream_query_p.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

namespace trendscope::exporter {

namespace {

constexpr std::size_t longestGlob = 1024;
constexpr std::size_t mostGlobs = 100;

tl::unexpected<Error> invalid(std::string message)
{
    return tl::unexpected(Error{Error::Kind::Invalid, std::move(message), {}});
}

/// fnmatch() takes exponential time for some patterns, and these come from anyone.
std::string regexOf(std::string_view glob)
{
    std::string out;
    for (const char &c : glob) {
        if (c == '*')
            out += ".*";
        else if (c == '?')
            out += '.';
        else
            out += RE2::QuoteMeta(re2::StringPiece(&c, 1));
    }
    return out;
}

RE2::Options pathOptions()
{
    RE2::Options options(RE2::Latin1); // a path is bytes
    options.set_dot_nl(true);
    options.set_log_errors(false);
    return options;
}

} // namespace

Result<StreamQuery> StreamQuery::parse(const Request &request)
{
    StreamQuery query;
    for (const auto &[name, value] : request.query) {
        if (const auto done = query.set(name, value); !done)
            return tl::unexpected(done.error());
    }
    return query;
}

Result<void> StreamQuery::set(const std::string &name, const std::string &value)
{
    if (name == "file")
        return addFile(value);
    if (name == "tail") {
        const char *end = value.data() + value.size();
        const auto parsed = std::from_chars(value.data(), end, m_tail);
        if (parsed.ec != std::errc() || parsed.ptr != end || m_tail > mostTail)
            return invalid("tail is a number of records, at most " + std::to_string(mostTail));
    } else if (name == "level") {
        const auto level = logs::levelNamed(value);
        if (!level)
            return invalid("level is DEBUG, INFO, WARNING, ERROR or CRITICAL");
        m_least = *level;
    } else if (name == "filter") {
        auto filter = logs::Filter::parse(value);
        if (!filter)
            return invalid("filter: " + filter.error().message);
        m_filter = *std::move(filter);
    } else {
        return invalid("There is no parameter '" + name
                       + "'; there are: tail, level, file, filter");
    }
    return {};
}

Result<void> StreamQuery::addFile(const std::string &glob)
{
    if (glob.size() > longestGlob || m_files.size() >= mostGlobs)
        return invalid("file: at most " + std::to_string(mostGlobs) + " patterns of at most "
                       + std::to_string(longestGlob) + " bytes");
    auto regex = std::make_shared<const RE2>(regexOf(glob), pathOptions());
    if (!regex->ok())
        return invalid("file: this pattern is too large");
    m_files.push_back(std::move(regex));
    return {};
}

bool StreamQuery::takesFile(std::string_view path) const
{
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return m_files.empty() || std::ranges::any_of(m_files, [&](const auto &regex) {
               return RE2::FullMatch(re2::StringPiece(path.data(), path.size()), *regex)
                   || RE2::FullMatch(re2::StringPiece(name.data(), name.size()), *regex);
           });
}

bool StreamQuery::asksRecords() const
{
    return m_least != logs::Level::Unknown || !m_filter.isEmpty();
}

bool StreamQuery::takes(const logs::Record &record) const
{
    return record.level() >= m_least && m_filter.matches(record);
}

} // namespace trendscope::exporter
