#pragma once

#include <QByteArray>

#include <chrono>
#include <optional>

namespace trendscope::net {

/// How long to wait before asking again a server that failed: 1 s, 2 s, 4 s, … 30 s, each varied by
/// up to a tenth so that many windows do not ask at the same moment.
class Backoff {
public:
    static constexpr std::chrono::milliseconds shortest{1'000};
    static constexpr std::chrono::milliseconds longest{30'000};
    static constexpr std::chrono::milliseconds longestAsked{60'000};

    /// The wait after one more failure, from `shortest` to `longest`; `asked`, which the server
    /// wants to be left alone, where that is longer, but no more than `longestAsked`.
    std::chrono::milliseconds next(std::chrono::milliseconds asked = {});

    /// The server answered: the next failure waits `shortest` again.
    void reset() { m_base = shortest; }

private:
    std::chrono::milliseconds m_base = shortest;
};

/// How long a server wants to be left alone, by its Retry-After header: seconds, or a date as HTTP
/// writes it. Nothing where it is neither, zero where the date is past, a day at most.
std::optional<std::chrono::seconds> retryAfter(const QByteArray &header,
                                               std::chrono::system_clock::time_point now);

} // namespace trendscope::net
