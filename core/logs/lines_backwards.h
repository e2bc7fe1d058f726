#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace trendscope::logs {

struct BackwardsLimits {
    std::size_t line = 1 << 20; ///< bytes; longer lines are left out
    std::size_t bytes = 0;      ///< that are read at most; what was read is taken off it
};

/// Calls `take` for the lines of a file, without newlines, from the one that ends before `end` back
/// to the first, until it says false. `end` is where a line begins. False: there are lines that
/// were not looked at, as the limit of bytes was reached or the file can not be read.
bool readLinesBackwards(int descriptor, std::uint64_t end, BackwardsLimits &limits,
                        const std::function<bool(std::string_view line)> &take);

} // namespace trendscope::logs
