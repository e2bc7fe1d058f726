#pragma once

#include <memory>

class QNetworkAccessManager;

namespace trendscope::net {

/// What all exchanges of one thread go through; made in that thread, and the last to go.
class Access {
public:
    Access();
    ~Access();
    Access(const Access &) = delete;
    Access &operator=(const Access &) = delete;

    QNetworkAccessManager &manager() { return *m_manager; }

private:
    std::unique_ptr<QNetworkAccessManager> m_manager;
};

} // namespace trendscope::net
