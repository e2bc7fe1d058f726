#pragma once

#include <vector>

namespace trendscope::exporter {

/// systemd, where it started this process; else nothing happens.
class ServiceManager {
public:
    /// The listening stream sockets that it passed (sd_listen_fds(3)). Whoever asks first has them.
    static std::vector<int> takeSockets();

    static void notifyReady();     ///< after the start, and after each reload
    static void notifyReloading(); ///< before a reload
    static void notifyStopping();
};

} // namespace trendscope::exporter
