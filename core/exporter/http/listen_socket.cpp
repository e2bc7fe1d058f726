#include "core/exporter/http/listen_socket_p.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace trendscope::exporter {

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

std::string whyNot(const ListenAddress &address, int error)
{
    const std::string option = "; choose another with --web.listen-address";
    if (error == EADDRINUSE)
        return "Port " + std::to_string(address.port) + " of " + address.text()
            + " is in use by another program" + option;
    return "Can not listen on " + address.text() + ": " + std::strerror(error) + option;
}

Result<AddressList> resolve(const ListenAddress &address)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo *found = nullptr;
    const std::string port = std::to_string(address.port);
    const int failure = ::getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                      port.c_str(), &hints, &found);
    if (failure != 0)
        return tl::unexpected(Error{Error::Kind::System,
                                    "Can not listen on " + address.text() + ": "
                                        + ::gai_strerror(failure)
                                        + "; choose another with --web.listen-address",
                                    {}});
    return AddressList(found, &::freeaddrinfo);
}

std::uint16_t portOf(int socket)
{
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    if (::getsockname(socket, reinterpret_cast<sockaddr *>(&name), &length) != 0)
        return 0;
    if (name.ss_family != AF_INET && name.ss_family != AF_INET6)
        return 0;
    return ntohs(name.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6 &>(name).sin6_port
                                            : reinterpret_cast<const sockaddr_in &>(name).sin_port);
}

/// The descriptor, or -1 with errno set.
Descriptor bindTo(const addrinfo &candidate)
{
    Descriptor socket(::socket(candidate.ai_family,
                               candidate.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                               candidate.ai_protocol));
    if (socket.get() < 0)
        return socket;
    const int on = 1;
    const int off = 0;
    // A restarted server must not wait for the old connections to time out.
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (candidate.ai_family == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (::bind(socket.get(), candidate.ai_addr, candidate.ai_addrlen) != 0
        || ::listen(socket.get(), SOMAXCONN) != 0) {
        const int error = errno;
        socket = Descriptor();
        errno = error;
    }
    return socket;
}

} // namespace

Descriptor::Descriptor(int descriptor)
    : m_descriptor(descriptor)
{
}

Descriptor::Descriptor(Descriptor &&other) noexcept
    : m_descriptor(other.release())
{
}

Descriptor &Descriptor::operator=(Descriptor &&other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

Descriptor::~Descriptor()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

int Descriptor::get() const
{
    return m_descriptor;
}

int Descriptor::release()
{
    return std::exchange(m_descriptor, -1);
}

ListenSocket inherited(int descriptor)
{
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    ::getsockname(descriptor, reinterpret_cast<sockaddr *>(&name), &length);
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return {Descriptor(descriptor), portOf(descriptor), name.ss_family == AF_INET6};
}

ListenAddress addressOf(const ListenSocket &socket)
{
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    if (::getsockname(socket.descriptor.get(), reinterpret_cast<sockaddr *>(&name), &length) != 0)
        return {};
    if (name.ss_family == AF_UNIX)
        return {reinterpret_cast<const sockaddr_un &>(name).sun_path, 0};
    std::array<char, NI_MAXHOST> host{};
    ::getnameinfo(reinterpret_cast<const sockaddr *>(&name), length, host.data(), host.size(),
                  nullptr, 0, NI_NUMERICHOST);
    return {host.data(), socket.port};
}

Result<ListenSocket> listenOn(const ListenAddress &address)
{
    const auto candidates = resolve(address);
    if (!candidates)
        return tl::unexpected(candidates.error());

    int error = EADDRNOTAVAIL;
    // IPv6's wildcard takes IPv4 too, so it goes first; a name such as localhost rather means IPv4.
    const auto families =
        address.host.empty() ? std::array{AF_INET6, AF_INET} : std::array{AF_INET, AF_INET6};
    for (const int family : families) {
        for (const addrinfo *candidate = candidates->get(); candidate;
             candidate = candidate->ai_next) {
            if (candidate->ai_family != family)
                continue;
            Descriptor socket = bindTo(*candidate);
            if (socket.get() >= 0) {
                const std::uint16_t port = portOf(socket.get());
                return ListenSocket{std::move(socket), port, family == AF_INET6};
            }
            error = errno;
            if (error == EADDRINUSE)
                return tl::unexpected(Error{Error::Kind::System, whyNot(address, error), {}});
        }
    }
    return tl::unexpected(Error{Error::Kind::System, whyNot(address, error), {}});
}

} // namespace trendscope::exporter
