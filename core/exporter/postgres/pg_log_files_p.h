#pragma once

#include "core/logs/tail.h"
#include "core/result.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace trendscope::exporter {

/// What is added to the files that match globs, from the first poll on: a server that begins a file
/// each day or each 10 MB leaves many behind, which stay closed.
class PgLogFiles {
public:
    using Clock = std::chrono::steady_clock;

    explicit PgLogFiles(std::vector<std::string> globs);

    /// Reads until there is no more or the time is over; then the rest comes with the next call.
    ///
    /// Errors: NotFound, when no file matches; System, when one can not be read; the others are
    /// read all the same.
    Result<void> poll(Clock::time_point deadline, const logs::Tail::LineSink &sink);

private:
    struct Followed {
        logs::Tail tail;
        bool isQuiet = false; ///< nothing came at the last poll
    };

    std::vector<std::filesystem::path> matches() const;
    void begin(const std::vector<std::filesystem::path> &paths);
    void findNew(const std::vector<std::filesystem::path> &paths);
    void closeQuiet(const std::vector<std::filesystem::path> &paths);
    void follow(const std::filesystem::path &path, std::uint64_t unread);

    const std::vector<std::string> m_globs;
    bool m_hasBegun = false;
    std::map<std::filesystem::path, Followed> m_followed;
    std::map<std::filesystem::path, std::uint64_t> m_closed; ///< their sizes
};

} // namespace trendscope::exporter
