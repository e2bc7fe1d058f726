#pragma once

#include <chrono>

namespace trendscope::net {

/// How long to wait before asking again a server that failed: 1 s, 2 s, 4 s, … 30 s, each varied by
/// up to a tenth so that many windows do not ask at the same moment.
class Backoff {
public:
    static constexpr std::chrono::milliseconds shortest{1'000};
    static constexpr std::chrono::milliseconds longest{30'000};

    /// The wait after one more failure, from `shortest` to `longest`.
    std::chrono::milliseconds next();

    /// The server answered: the next failure waits `shortest` again.
    void reset() { m_base = shortest; }

private:
    std::chrono::milliseconds m_base = shortest;
};

} // namespace trendscope::net
