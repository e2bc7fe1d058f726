#pragma once

#include <QPointer>

namespace trendscope::net {

class Exchange;

/// Owns one HTTP exchange: destroying or replacing it aborts the exchange, and its callback never
/// runs.
///
/// Keep it as a member of the object that the callback captures, and the callback can use `this`
/// without a guard. Replacing it from inside its own callback is fine. Belongs to the thread of the
/// exchange.
class [[nodiscard]] Request {
public:
    Request() = default;
    explicit Request(Exchange *exchange);
    Request(Request &&other) noexcept;
    Request &operator=(Request &&other) noexcept;
    Request(const Request &) = delete;
    Request &operator=(const Request &) = delete;
    ~Request();

    /// True until the callback runs; false for a default-constructed request.
    bool isRunning() const;

private:
    void abandon();

    QPointer<Exchange> m_exchange;
};

} // namespace trendscope::net
