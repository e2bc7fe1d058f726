#include "core/exporter/resolve_p.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <thread>

namespace trendscope::exporter {

namespace {

struct Lookup {
    std::mutex mutex;
    int failure = 0;
    std::vector<std::string> addresses;
    Wakeup done;
};

int lookUp(const std::string &host, int flags, std::vector<std::string> &addresses)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo *found = nullptr;
    const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (failure != 0)
        return failure;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    for (const addrinfo *entry = found; entry; entry = entry->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                          NI_NUMERICHOST)
            == 0)
            addresses.emplace_back(text.data());
    }
    return 0;
}

} // namespace

Result<std::vector<std::string>> resolve(const std::string &host, const Wakeup &stop,
                                         std::chrono::steady_clock::time_point deadline)
{
    std::vector<std::string> numeric;
    if (lookUp(host, AI_NUMERICHOST, numeric) == 0)
        return numeric;

    const auto lookup = std::make_shared<Lookup>();
    std::thread([lookup, host] {
        std::vector<std::string> addresses;
        const int failure = lookUp(host, 0, addresses);
        const std::scoped_lock lock(lookup->mutex);
        lookup->failure = failure;
        lookup->addresses = std::move(addresses);
        lookup->done.set();
    }).detach();

    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    std::array<pollfd, 2> descriptors = {
        pollfd{.fd = lookup->done.descriptor(), .events = POLLIN, .revents = 0},
        pollfd{.fd = stop.descriptor(), .events = POLLIN, .revents = 0}};
    ::poll(descriptors.data(), descriptors.size(), std::max(0, static_cast<int>(left.count())));
    if (descriptors[1].revents != 0)
        return tl::unexpected(Error{Error::Kind::Canceled, "stopped", {}});
    const std::scoped_lock lock(lookup->mutex);
    if (descriptors[0].revents == 0)
        return tl::unexpected(
            Error{Error::Kind::Timeout, "the address of " + host + " is not found in time", {}});
    if (lookup->failure != 0)
        return tl::unexpected(Error{Error::Kind::Network, "the name " + host + " has no address",
                                    ::gai_strerror(lookup->failure)});
    return lookup->addresses;
}

} // namespace trendscope::exporter
