#pragma once

#include "core/observability/registry.h"

#include <functional>
#include <memory>
#include <string_view>

namespace trendscope::exporter {

/// The answer of Redis' INFO as metrics, by the names that redis_exporter gives them
/// (https://github.com/oliver006/redis_exporter). One thread.
class RedisInfo {
public:
    /// `refused` hears of each value that is no number where one is expected.
    RedisInfo(observability::Registry &registry, std::function<void()> refused);
    ~RedisInfo();

    /// `text` is what `INFO everything` answers, which leaves out databases that are empty: there
    /// are `databases` in all. `now` is the seconds since 1970.
    void update(std::string_view text, double now, int databases = 0);

    /// Redis does not answer: redis_up is 0, and nothing else has a series.
    void setDown();

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
