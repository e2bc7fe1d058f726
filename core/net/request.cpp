#include "core/net/request.h"

#include "core/net/exchange_p.h"

#include <utility>

namespace trendscope::net {

Request::Request(Exchange *exchange)
    : m_exchange(exchange)
{
}

Request::Request(Request &&other) noexcept
    : m_exchange(std::exchange(other.m_exchange, nullptr))
{
}

Request &Request::operator=(Request &&other) noexcept
{
    if (this != &other) {
        abandon();
        m_exchange = std::exchange(other.m_exchange, nullptr);
    }
    return *this;
}

Request::~Request()
{
    abandon();
}

bool Request::isRunning() const
{
    return m_exchange && m_exchange->isRunning();
}

void Request::abandon()
{
    if (m_exchange)
        m_exchange->abandon();
    m_exchange = nullptr;
}

} // namespace trendscope::net
