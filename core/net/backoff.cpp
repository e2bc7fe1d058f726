#include "core/net/backoff.h"

#include <QRandomGenerator>

#include <algorithm>

namespace trendscope::net {

std::chrono::milliseconds Backoff::next()
{
    const double factor = 0.9 + 0.2 * QRandomGenerator::global()->generateDouble();
    const auto varied = std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(m_base.count()) * factor));
    m_base = std::min(m_base * 2, longest);
    return std::clamp(varied, shortest, longest);
}

} // namespace trendscope::net
