#include "core/net/access.h"

#include <QNetworkAccessManager>

namespace trendscope::net {

Access::Access()
    : m_manager(std::make_unique<QNetworkAccessManager>())
{
}

Access::~Access() = default;

} // namespace trendscope::net
