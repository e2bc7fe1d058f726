#pragma once

#include "core/exporter/http/http_message.h"
#include "core/logs/filter.h"
#include "core/result.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 { // NOLINT(readability-identifier-naming): as RE2 calls it
class RE2;
}

namespace trendscope::exporter {

/// Which records one client asks for.
class StreamQuery {
public:
    static constexpr std::size_t mostTail = 10'000;

    /// `tail`, `level`, `filter`, and `file`, which may be repeated. Errors: Invalid, for others,
    /// too.
    static Result<StreamQuery> parse(const Request &request);

    std::size_t tail() const { return m_tail; }
    bool takesFile(std::string_view path) const;
    /// False: takes() is true for any record.
    bool asksRecords() const;
    bool takes(const logs::Record &record) const;

private:
    Result<void> set(const std::string &name, const std::string &value);
    Result<void> addFile(const std::string &glob);

    std::size_t m_tail = 0;
    logs::Level m_least = logs::Level::Unknown;
    logs::Filter m_filter;
    std::vector<std::shared_ptr<const re2::RE2>> m_files; ///< empty: all
};

} // namespace trendscope::exporter
