#include "core/logs/rotated_files.h"

#include "core/logs/line_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace trendscope::logs {

namespace {

namespace fs = std::filesystem;

template <class Visit>
void forEachLog(const fs::path &folder, Visit visit)
{
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const fs::path &path = entry->path();
        if (isCompressed(path))
            continue;
        if (const auto status = statusOf(path); status && status->isRegular)
            visit(FoundFile{path, *status});
    }
}

bool beginsAlike(const FoundFile &file, const Fingerprint &fingerprint)
{
    const int descriptor = openLog(file.path);
    if (descriptor < 0)
        return false;
    const auto theirs = fingerprintOf(descriptor, fingerprint.size);
    ::close(descriptor);
    return theirs == fingerprint;
}

/// A date, a number: what rotation puts into a name, with what sets it apart.
bool isRotationMark(std::string_view text)
{
    if (text == ".old" || text == ".bak")
        return true;
    return text.size() >= 2 && std::string_view("-_.").find(text.front()) != text.npos
        && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9')
                   || std::string_view("-_.:T").find(c) != std::string_view::npos;
           });
}

} // namespace

bool isCompressed(const fs::path &path)
{
    constexpr std::array<std::string_view, 8> extensions{".gz",  ".xz", ".zst", ".bz2",
                                                         ".lz4", ".Z",  ".zip", ".lzma"};
    return std::ranges::find(extensions, path.extension().native()) != extensions.end();
}

bool isRotatedName(std::string_view name, std::string_view original)
{
    if (name.starts_with(original))
        return isRotationMark(name.substr(original.size()));
    const std::size_t dot = original.rfind('.');
    if (dot == original.npos || dot == 0)
        return false;
    const std::string_view stem = original.substr(0, dot);
    const std::string_view extension = original.substr(dot);
    return name.size() > original.size() && name.starts_with(stem) && name.ends_with(extension)
        && isRotationMark(name.substr(stem.size(), name.size() - original.size()));
}

std::optional<FoundFile> findMarked(const FileMark &mark, const std::optional<FileIdentity> &except)
{
    std::optional<FoundFile> found;
    const std::string original = mark.path.filename().string();
    forEachLog(mark.path.parent_path(), [&](const FoundFile &file) {
        const bool isItself = file.status.identity == mark.identity;
        const bool mayBe = isItself ? file.status.size >= mark.offset
                                    : isRotatedName(file.path.filename().string(), original);
        // Without a fingerprint nothing had been read of it, and only its identity tells it.
        if (file.status.identity == except || !mayBe
            || (mark.fingerprint.size == 0 ? !isItself : !beginsAlike(file, mark.fingerprint)))
            return;
        if (!found || isItself
            || (found->status.identity != mark.identity && file.status.size > found->status.size))
            found = file;
    });
    return found;
}

std::vector<FoundFile> rotatedSince(const fs::path &path, FileStatus::Time since)
{
    std::vector<FoundFile> out;
    const std::string name = path.filename().string();
    forEachLog(path.parent_path(), [&](const FoundFile &file) {
        if (file.status.born >= since && isRotatedName(file.path.filename().string(), name))
            out.push_back(file);
    });
    std::ranges::sort(out, {}, [](const FoundFile &file) { return file.status.born; });
    return out;
}

} // namespace trendscope::logs
