#include "core/logs/lines_backwards.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace trendscope::logs {

namespace {

constexpr std::uint64_t blockSize = std::uint64_t{256} << 10;

/// Reads `size` bytes at an offset; whether there were so many.
bool readAt(int descriptor, std::uint64_t offset, std::size_t size, std::string &into)
{
    into.resize(size);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count =
            ::pread(descriptor, into.data() + done, size - done, static_cast<off_t>(offset + done));
        if (count <= 0 && !(count < 0 && errno == EINTR))
            return false;
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return true;
}

} // namespace

bool readLinesBackwards(int descriptor, std::uint64_t end, BackwardsLimits &limits,
                        const std::function<bool(std::string_view line)> &take)
{
    std::string block;
    std::string carry;       // the end of a line that begins in an earlier block; no newline
    bool isTooLong = false;  // that line
    bool isLineOpen = false; // there is such a line, even an empty one
    while (end > 0) {
        const auto size = static_cast<std::size_t>(std::min(end, blockSize));
        if (limits.bytes < size || !readAt(descriptor, end - size, size, block))
            return false;
        limits.bytes -= size;
        end -= size;
        std::size_t lineEnd = size;
        while (lineEnd != std::string::npos) {
            const std::size_t newline = lineEnd == 0 ? block.npos : block.rfind('\n', lineEnd - 1);
            const std::size_t begin = newline == block.npos ? 0 : newline + 1;
            isTooLong = isTooLong || lineEnd - begin + carry.size() > limits.line;
            if (isTooLong)
                carry.clear();
            else
                carry.insert(0, block, begin, lineEnd - begin);
            const bool isWhole = newline != block.npos || end == 0;
            if (isWhole && isLineOpen && !isTooLong && !take(carry))
                return true;
            if (isWhole) {
                carry.clear();
                isTooLong = false;
                isLineOpen = true;
            }
            lineEnd = newline;
        }
    }
    return true;
}

} // namespace trendscope::logs
