#include "core/observability/file_sink_p.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace trendscope::observability {

namespace {

bool writeAll(int descriptor, const char *data, std::size_t size)
{
    while (size > 0) {
        const ssize_t written = ::write(descriptor, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

} // namespace

Result<std::shared_ptr<FileSink>> FileSink::open(const std::filesystem::path &file)
{
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0) {
        const std::string reason = std::strerror(errno);
        return tl::unexpected(
            Error{Error::Kind::System,
                  "The log file " + file.string() + " can not be opened: " + reason,
                  {}});
    }
    return std::shared_ptr<FileSink>(new FileSink(descriptor, true));
}

std::shared_ptr<FileSink> FileSink::toStderr()
{
    return std::shared_ptr<FileSink>(new FileSink(STDERR_FILENO, false));
}

FileSink::FileSink(int descriptor, bool isOwned)
    : m_descriptor(descriptor)
    , m_isOwned(isOwned)
{
}

FileSink::~FileSink()
{
    if (m_isOwned)
        ::close(m_descriptor);
}

bool FileSink::isTerminal() const
{
    return ::isatty(m_descriptor) == 1;
}

std::uint64_t FileSink::droppedRecords() const
{
    return m_droppedRecords;
}

void FileSink::sink_it_(const spdlog::details::log_msg &record)
{
    spdlog::memory_buf_t line;
    formatter_->format(record, line);
    if (!writeAll(m_descriptor, line.data(), line.size()))
        ++m_droppedRecords;
}

} // namespace trendscope::observability
