#include "core/exporter/http/listen_address.h"
#include "core/exporter/resolve_p.h"
#include "core/exporter/url_check_p.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace trendscope::exporter {

namespace {

using Clock = std::chrono::steady_clock;

/// Host and port of a URL; user, password and path do not matter here.
Result<ListenAddress> hostOf(const std::string &url)
{
    const auto scheme = url.find("://");
    std::string authority = scheme == url.npos ? url : url.substr(scheme + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    if (const auto user = authority.rfind('@'); user != authority.npos)
        authority.erase(0, user + 1);
    const auto colon = authority.rfind(':');
    const bool hasPort = colon != authority.npos && authority.find(']', colon) == authority.npos;
    if (!hasPort)
        authority += url.starts_with("https:") ? ":443" : ":80";
    return ListenAddress::parse(authority);
}

/// 0 or an error number.
int connectTo(const std::string &host, std::uint16_t port, Clock::time_point deadline)
{
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_in);
    auto *const v4 = reinterpret_cast<sockaddr_in *>(&storage);
    auto *const v6 = reinterpret_cast<sockaddr_in6 *>(&storage);
    if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
    } else if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        size = sizeof(sockaddr_in6);
    } else {
        return EINVAL;
    }
    const int descriptor =
        ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return errno;
    int error = 0;
    if (::connect(descriptor, reinterpret_cast<const sockaddr *>(&storage), size) != 0)
        error = errno;
    if (error == EINPROGRESS) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd entry{descriptor, POLLOUT, 0};
        socklen_t length = sizeof error;
        if (::poll(&entry, 1, static_cast<int>(std::clamp<long>(left, 0, 60'000))) == 0)
            error = ETIMEDOUT;
        else
            ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
    }
    ::close(descriptor);
    return error;
}

} // namespace

Result<void> checkReachable(const std::string &url, Clock::time_point deadline)
{
    const auto address = hostOf(url);
    if (!address)
        return tl::unexpected(address.error());
    const Wakeup never;
    const auto hosts = resolve(address->host, never, deadline);
    if (!hosts)
        return tl::unexpected(hosts.error());
    int error = EHOSTUNREACH;
    for (const std::string &host : *hosts) {
        error = connectTo(host, address->port, deadline);
        if (error == 0)
            return {};
    }
    return tl::unexpected(Error{error == ETIMEDOUT ? Error::Kind::Timeout : Error::Kind::Network,
                                address->text() + " can not be reached: " + std::strerror(error),
                                {}});
}

} // namespace trendscope::exporter
