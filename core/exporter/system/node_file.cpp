#include "core/exporter/system/node_file_p.h"
#include "core/exporter/system/node_text_p.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace trendscope::exporter {

namespace {

constexpr std::size_t firstSize = 4096;
constexpr std::size_t largest = 16 << 20; ///< no file of procfs that is read here comes near

/// Of a FIFO or the like that someone put in a file's place, nobody waits for the other end.
constexpr int openFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

} // namespace

NodeFile::~NodeFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

/// 0, or errno.
int NodeFile::fill()
{
    if (m_content.empty())
        m_content.resize(firstSize);
    std::size_t used = 0;
    for (;;) {
        const ssize_t count = ::pread(m_descriptor, m_content.data() + used,
                                      m_content.size() - used, static_cast<off_t>(used));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno;
        if (count == 0)
            break;
        used += static_cast<std::size_t>(count);
        if (used == m_content.size() && used >= largest)
            return EFBIG;
        if (used == m_content.size())
            m_content.resize(2 * used);
    }
    m_size = used;
    return 0;
}

Result<std::string_view> NodeFile::read()
{
    int error = m_descriptor >= 0 ? fill() : EBADF;
    if (error != 0) { // what it told of may be another one's by now
        if (m_descriptor >= 0)
            ::close(m_descriptor);
        m_descriptor = ::open(m_path.c_str(), openFlags);
        error = m_descriptor >= 0 ? fill() : errno;
    }
    if (error == 0)
        return std::string_view(m_content).substr(0, m_size);
    const bool isAbsent = error == ENOENT || error == ENOTDIR || error == EOPNOTSUPP;
    return tl::unexpected(Error{isAbsent ? Error::Kind::NotFound : Error::Kind::System,
                                m_path + " can not be read: " + std::strerror(error),
                                {}});
}

NodeFolder::NodeFolder(const std::string &path)
    : m_descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
}

NodeFolder::NodeFolder(const NodeFolder &parent, const std::string &name)
    : m_descriptor(parent.isThere() ? ::openat(parent.m_descriptor, name.c_str(),
                                               O_PATH | O_DIRECTORY | O_CLOEXEC)
                                    : -1)
{
}

NodeFolder::~NodeFolder()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void NodeFolder::list(std::vector<std::string> &names) const
{
    names.clear();
    const int own =
        isThere() ? ::openat(m_descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    const std::unique_ptr<DIR, int (*)(DIR *)> folder(own >= 0 ? ::fdopendir(own) : nullptr,
                                                      ::closedir);
    if (!folder)
        return;
    while (const dirent *const entry = ::readdir(folder.get())) {
        if (entry->d_name[0] != '.' && entry->d_type != DT_REG)
            names.emplace_back(entry->d_name);
    }
    std::sort(names.begin(), names.end());
}

std::optional<std::string_view> NodeFolder::text(const char *name) const
{
    const int file = isThere() ? ::openat(m_descriptor, name, openFlags) : -1;
    if (file < 0)
        return {};
    const ssize_t count = ::read(file, m_buffer.data(), m_buffer.size());
    ::close(file);
    if (count < 0)
        return {};
    std::string_view text(m_buffer.data(), static_cast<std::size_t>(count));
    constexpr std::string_view blanks = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::optional<double> NodeFolder::number(const char *name) const
{
    const auto word = text(name);
    return word ? attributeNumberOf(*word) : std::nullopt;
}

} // namespace trendscope::exporter
