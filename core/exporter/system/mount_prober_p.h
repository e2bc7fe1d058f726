#pragma once

#include <sys/statvfs.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace trendscope::exporter {

/// Asks file systems how full they are, in threads of its own: one whose server is gone does not
/// answer, maybe never. For one thread.
class MountProber {
public:
    using Clock = std::chrono::steady_clock;
    /// As statvfs(3).
    using Ask = std::function<int(const char *path, struct statvfs *space)>;

    struct Answer {
        bool isThere = false; ///< else it did not answer, or with an error
        struct statvfs space = {};
    };

    explicit MountProber(Ask ask = ::statvfs);
    ~MountProber(); ///< waits for nobody
    MountProber(const MountProber &) = delete;
    MountProber &operator=(const MountProber &) = delete;

    /// An answer for each, by `deadline`. One that has not answered by then is not asked again, and
    /// has no answer, before it has answered.
    std::vector<Answer> ask(const std::vector<std::string> &paths, Clock::time_point deadline);

private:
    struct Shared;
    const std::shared_ptr<Shared> d;
};

} // namespace trendscope::exporter
