#pragma once

#include "core/result.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// A file of procfs or sysfs that is read at each scrape: opened once, then read from its start.
/// For one thread.
class NodeFile {
public:
    explicit NodeFile(std::string path)
        : m_path(std::move(path))
    {
    }
    ~NodeFile();
    NodeFile(const NodeFile &) = delete;
    NodeFile &operator=(const NodeFile &) = delete;

    /// All of it, until the next call. Errors: NotFound where this kernel does not have it, System.
    Result<std::string_view> read();

    const std::string &path() const { return m_path; }

private:
    int fill();

    const std::string m_path;
    int m_descriptor = -1;
    std::string m_content; ///< longer than the file: it is kept for its memory
    std::size_t m_size = 0;
};

/// The folders and small files of sysfs, of which there may be more than can be kept open.
class NodeFolder {
public:
    /// Not there: everything below is absent too.
    explicit NodeFolder(const std::string &path);
    NodeFolder(const NodeFolder &parent, const std::string &name);
    ~NodeFolder();
    NodeFolder(const NodeFolder &) = delete;
    NodeFolder &operator=(const NodeFolder &) = delete;

    bool isThere() const { return m_descriptor >= 0; }
    /// The names in it, but those of plain files, sorted; `names` is filled anew.
    void list(std::vector<std::string> &names) const;
    /// The file's text without blanks around it, until the next call; nothing where it can not be
    /// read. `name` is relative, with a NUL behind it.
    std::optional<std::string_view> text(const char *name) const;
    std::optional<double> number(const char *name) const;

private:
    int m_descriptor;
    static constexpr std::size_t longest = 4096; ///< a sysfs attribute is no longer
    mutable std::array<char, longest> m_buffer;
};

} // namespace trendscope::exporter
