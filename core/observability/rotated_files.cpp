#include "core/observability/file_access_p.h"
#include "core/observability/rotating_file_p.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

namespace trendscope::observability {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t dateLength = 10; // 2024-01-15

bool isDate(std::string_view text)
{
    constexpr std::string_view pattern = "dddd-dd-dd";
    return text.size() == pattern.size()
        && std::equal(text.begin(), text.end(), pattern.begin(), [](char c, char expected) {
               return expected == 'd' ? c >= '0' && c <= '9' : c == expected;
           });
}

std::string dateOf(std::time_t time)
{
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 32> text;
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

} // namespace

std::optional<RotatedName> parseRotatedName(std::string_view name)
{
    for (const std::string_view ending : {".gz", ".xz", ".zst", ".bz2"}) {
        if (name.ends_with(ending)) {
            name.remove_suffix(ending.size());
            break;
        }
    }
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || dot < dateLength + 2 || name[dot - dateLength - 1] != '.')
        return {};
    const std::string_view digits = name.substr(dot + 1);
    RotatedName parsed{.file = std::string(name.substr(0, dot - dateLength - 1)),
                       .date = std::string(name.substr(dot - dateLength, dateLength))};
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), parsed.number);
    if (failure != std::errc() || end != digits.data() + digits.size() || !isDate(parsed.date))
        return {};
    return parsed;
}

std::vector<std::pair<RotatedName, fs::path>> rotatedFilesOf(const fs::path &file)
{
    std::vector<std::pair<RotatedName, fs::path>> found;
    std::error_code failure;
    const std::string name = file.filename().string();
    for (fs::directory_iterator i(file.parent_path(), failure), end; !failure && i != end;
         i.increment(failure)) {
        auto parsed = parseRotatedName(i->path().filename().string());
        if (parsed && parsed->file == name)
            found.emplace_back(std::move(*parsed), i->path());
    }
    std::sort(found.begin(), found.end(),
              [](const auto &a, const auto &b) { return a.first < b.first; });
    return found;
}

bool RotatingFile::moveAside()
{
    const std::string date = dateOf(m_written);
    std::uint64_t number = 1;
    for (const auto &rotated : rotatedFilesOf(m_file)) {
        if (rotated.first.date == date)
            number = std::max(number, rotated.first.number + 1);
    }
    int reason = EEXIST;
    for (; reason == EEXIST; ++number) {
        fs::path aside = m_file;
        aside += '.' + date + '.' + std::to_string(number);
        reason = renameTo(m_file, aside);
    }
    if (reason != 0)
        m_rotationError = errorOf("rotated", reason);
    m_isFolderUnsynced = m_isFolderUnsynced || reason == 0;
    return reason == 0;
}

void RotatingFile::removeOld() const
{
    if (m_rotation.keep == 0)
        return;
    const auto files = rotatedFilesOf(m_file);
    for (std::size_t i = 0; i + m_rotation.keep < files.size(); ++i) {
        std::error_code ignored;
        fs::remove(files[i].second, ignored);
    }
}

} // namespace trendscope::observability
