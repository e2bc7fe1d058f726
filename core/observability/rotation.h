#pragma once

#include <cstdint>

namespace trendscope::observability {

/// When a file is put aside, and a new one begun under its name. Without any it grows on.
///
/// The file becomes `FILE.<date>.<n>`: the UTC day of its last line, and a number that counts up
/// within the day. That name never changes again. Several processes may write to the same file: one
/// of them rotates it, the others follow. They keep to `maxBytes` together, by flock(2); where
/// another program holds that lock, the file may become larger by what the others write at once.
struct Rotation {
    std::uint64_t maxBytes = 0; ///< a file is not made larger than this by what is added; 0: no
                                ///< limit
    bool daily = false;         ///< at midnight UTC, as the timestamps of records
    unsigned keep = 0; ///< rotated files (compressed ones too) that are kept; 0: all of them
};

} // namespace trendscope::observability
