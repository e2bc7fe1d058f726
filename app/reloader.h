#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace trendscope::app {

/// Reloads in a thread of its own, so that whoever asks for it can go on: the signal that ends the
/// program does not wait for one that is on its way.
class Reloader {
public:
    explicit Reloader(std::function<void()> reload);
    ~Reloader(); ///< waits for one that is on its way; what was asked for after it is left undone
    Reloader(const Reloader &) = delete;
    Reloader &operator=(const Reloader &) = delete;

    /// Asked several times meanwhile, it reloads once more.
    void ask();

private:
    void run(const std::stop_token &stop);

    const std::function<void()> m_reload;
    std::mutex m_mutex; ///< of the flag
    std::condition_variable_any m_asked;
    bool m_isAsked = false;
    std::jthread m_thread; ///< last: it uses the others
};

} // namespace trendscope::app
