#include "core/exporter/postgres/pg_log_files_p.h"

#include <glob.h>

#include <algorithm>
#include <limits>
#include <system_error>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t maxOpen = 4; ///< files that nothing comes to
constexpr std::size_t stepSize = 1 << 20;
constexpr std::uint64_t wholeFile = std::numeric_limits<std::uint64_t>::max();

std::uint64_t sizeOf(const fs::path &path)
{
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
}

fs::file_time_type changeOf(const fs::path &path)
{
    std::error_code error;
    const auto time = fs::last_write_time(path, error);
    return error ? fs::file_time_type::min() : time;
}

} // namespace

PgLogFiles::PgLogFiles(std::vector<std::string> globs)
    : m_globs(std::move(globs))
{
}

std::vector<fs::path> PgLogFiles::matches() const
{
    std::vector<fs::path> paths;
    for (const std::string &pattern : m_globs) {
        glob_t found{};
        if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
            paths.insert(paths.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
        ::globfree(&found);
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return paths;
}

Result<void> PgLogFiles::poll(Clock::time_point deadline, const logs::Tail::LineSink &sink)
{
    const auto paths = matches();
    if (m_hasBegun)
        findNew(paths);
    else if (!paths.empty())
        begin(paths);
    std::optional<Error> error;
    // In the order of their names, which have the time in them.
    for (auto &[path, followed] : m_followed) {
        followed.isQuiet = true;
        while (Clock::now() < deadline) {
            const std::size_t got = followed.tail.poll(stepSize, sink);
            followed.isQuiet = followed.isQuiet && got == 0;
            if (got < stepSize)
                break;
        }
        if (!error)
            error = followed.tail.error();
    }
    closeQuiet(paths);
    m_hasBegun = true;
    if (paths.empty() && !m_globs.empty())
        error = Error{Error::Kind::NotFound, "no file matches " + m_globs.front(), {}};
    if (error)
        return tl::unexpected(std::move(*error));
    return {};
}

/// What is in the files already is not counted. The newest are opened at once, so that not a byte
/// is missed.
void PgLogFiles::begin(const std::vector<fs::path> &paths)
{
    std::vector<fs::path> newest = paths;
    std::sort(newest.begin(), newest.end(),
              [](const fs::path &a, const fs::path &b) { return changeOf(a) > changeOf(b); });
    for (std::size_t i = 0; i < newest.size(); ++i) {
        if (i < maxOpen)
            follow(newest[i], 0);
        else
            m_closed[newest[i]] = sizeOf(newest[i]);
    }
}

void PgLogFiles::findNew(const std::vector<fs::path> &paths)
{
    for (const fs::path &path : paths) {
        if (m_followed.contains(path))
            continue;
        const auto closed = m_closed.find(path);
        const std::uint64_t size = sizeOf(path);
        if (closed == m_closed.end())
            follow(path, wholeFile);
        else if (size != closed->second)
            follow(path, size > closed->second ? size - closed->second : wholeFile);
    }
    std::erase_if(m_closed, [&](const auto &entry) {
        return m_followed.contains(entry.first)
            || !std::binary_search(paths.begin(), paths.end(), entry.first);
    });
}

void PgLogFiles::follow(const fs::path &path, std::uint64_t unread)
{
    Followed followed{logs::Tail(path, {.backlog = unread})};
    followed.tail.poll(0, [](std::string_view, bool) {}); // opens it where it is
    m_followed.emplace(path, std::move(followed));
}

/// Those that are gone, and those that have been silent for a while where there are many.
void PgLogFiles::closeQuiet(const std::vector<fs::path> &paths)
{
    std::erase_if(m_followed, [&](auto &entry) {
        return entry.second.isQuiet && !std::binary_search(paths.begin(), paths.end(), entry.first);
    });
    for (auto entry = m_followed.begin();
         entry != m_followed.end() && m_followed.size() > maxOpen;) {
        const auto age = fs::file_time_type::clock::now() - changeOf(entry->first);
        if (!entry->second.isQuiet || age < 1min) {
            ++entry;
            continue;
        }
        m_closed[entry->first] = sizeOf(entry->first);
        entry = m_followed.erase(entry);
    }
}

} // namespace trendscope::exporter
