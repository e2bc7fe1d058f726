#pragma once

#include "core/net/backoff.h"

#include <QTimer>

#include <functional>

namespace trendscope::net {

/// Asks again and again: every `interval` while the server answers, ever more slowly while it
/// fails.
///
/// One question at a time: the next is due only after succeeded() or failed() told how the last one
/// ended. Single-threaded; `ask` is called from the event loop or from start().
class Poll {
public:
    /// `interval` is > 0.
    Poll(std::chrono::milliseconds interval, std::function<void()> ask);

    void start(); ///< asks at once; does nothing while it runs
    void stop();
    bool isActive() const { return m_active; }
    std::chrono::milliseconds interval() const { return m_interval; }

    void succeeded();
    void failed();

private:
    void askIn(std::chrono::milliseconds wait);

    std::chrono::milliseconds m_interval;
    std::function<void()> m_ask;
    Backoff m_backoff;
    QTimer m_timer;
    bool m_active = false;
};

} // namespace trendscope::net
