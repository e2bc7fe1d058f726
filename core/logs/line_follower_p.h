#pragma once

#include "core/logs/line_follower.h"

namespace trendscope::logs {

struct LineFollower::Source {
    Source(int descriptor, FileMark mark, std::string path, Clock::time_point now)
        : file(descriptor, std::move(mark))
        , name(std::move(path))
        , place(file.mark().path)
        , grownAt(now)
    {
    }

    LineFile file;
    const std::string name; ///< the path that it was found by first
    /// Where it is, as far as is known; its mark has the path that its log has.
    std::filesystem::path place;
    Clock::time_point grownAt;
    bool isRetired = false; ///< no name leads to it any more
    bool wasEmpty = false;  ///< when it was looked at last
    bool isDropped = false; ///< it is not ours to read any more
};

} // namespace trendscope::logs
