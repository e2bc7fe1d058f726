#include "core/exporter/service_manager.h"

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <ctime>

namespace trendscope::exporter {

std::vector<int> ServiceManager::takeSockets()
{
    std::vector<int> sockets;
    const int count = ::sd_listen_fds(1);
    for (int i = 0; i < count; ++i) {
        const int descriptor = SD_LISTEN_FDS_START + i;
        if (::sd_is_socket(descriptor, AF_UNSPEC, SOCK_STREAM, 1) > 0)
            sockets.push_back(descriptor);
    }
    return sockets;
}

void ServiceManager::notifyReady()
{
    ::sd_notify(0, "READY=1");
}

/// With the time that Type=notify-reload asks for.
void ServiceManager::notifyReloading()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const long long microseconds = now.tv_sec * 1'000'000LL + now.tv_nsec / 1000;
    ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", microseconds);
}

void ServiceManager::notifyStopping()
{
    ::sd_notify(0, "STOPPING=1");
}

} // namespace trendscope::exporter
