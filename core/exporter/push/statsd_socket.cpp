#include "core/exporter/push/statsd_socket_p.h"

#include <linux/sock_diag.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>

namespace trendscope::exporter {

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

tl::unexpected<Error> failure(const std::string &where, const std::string &why)
{
    return tl::unexpected(
        Error{Error::Kind::System, "Can not receive StatsD at " + where + ": " + why, {}});
}

void enlarge(int socket, std::size_t bytes)
{
    const int size = static_cast<int>(std::min<std::size_t>(bytes, 1 << 30));
    // FORCE goes beyond net.core.rmem_max, for those who may.
    if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

Descriptor bindTo(const addrinfo &candidate)
{
    Descriptor socket(::socket(candidate.ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0)
        return socket;
    const int off = 0;
    if (candidate.ai_family == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (::bind(socket.get(), candidate.ai_addr, candidate.ai_addrlen) != 0) {
        const int error = errno;
        socket = Descriptor();
        errno = error;
    }
    return socket;
}

/// The descriptor, or -1 with errno set.
Descriptor bindToFirst(const addrinfo &candidates, bool isWildcard)
{
    // IPv6's wildcard takes IPv4 too, so it goes first; a name such as localhost rather means IPv4.
    const auto families =
        isWildcard ? std::array{AF_INET6, AF_INET} : std::array{AF_INET, AF_INET6};
    errno = EADDRNOTAVAIL;
    for (const int family : families) {
        for (const addrinfo *each = &candidates; each; each = each->ai_next) {
            if (each->ai_family != family)
                continue;
            Descriptor socket = bindTo(*each);
            // In use: the other family's socket would get only a part of what is sent there.
            if (socket.get() >= 0 || errno == EADDRINUSE)
                return socket;
        }
    }
    return Descriptor();
}

/// Whether a program receives there: its socket may not be taken away.
bool isInUse(const sockaddr_un &address)
{
    const Descriptor probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    return ::connect(probe.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address)
        == 0;
}

} // namespace

StatsdSocket::StatsdSocket(Descriptor descriptor, std::filesystem::path path)
    : m_descriptor(std::move(descriptor))
    , m_path(std::move(path))
{
}

StatsdSocket::~StatsdSocket()
{
    if (m_descriptor.get() >= 0 && !m_path.empty())
        ::unlink(m_path.c_str());
}

Result<StatsdSocket> StatsdSocket::bindUdp(const ListenAddress &address, std::size_t receiveBuffer)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo *found = nullptr;
    const int error = ::getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                    std::to_string(address.port).c_str(), &hints, &found);
    if (error != 0)
        return failure("udp " + address.text(), ::gai_strerror(error));
    const AddressList candidates(found, &::freeaddrinfo);

    Descriptor socket = bindToFirst(*found, address.host.empty());
    if (socket.get() < 0)
        return failure("udp " + address.text(),
                       errno == EADDRINUSE ? "another program uses that port"
                                           : std::strerror(errno));
    enlarge(socket.get(), receiveBuffer);
    return StatsdSocket(std::move(socket));
}

Result<StatsdSocket> StatsdSocket::bindUnix(const std::filesystem::path &path, mode_t mode,
                                            std::size_t receiveBuffer)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string &text = path.native();
    if (text.empty() || text.size() >= sizeof address.sun_path)
        return failure("unix socket " + text, "the path must have 1 to 107 bytes");
    std::copy(text.begin(), text.end(), address.sun_path);

    struct stat status { };
    if (::lstat(path.c_str(), &status) == 0) {
        if (!S_ISSOCK(status.st_mode))
            return failure("unix socket " + text, "there is a file that is no socket");
        if (isInUse(address))
            return failure("unix socket " + text, "another program uses it");
        ::unlink(path.c_str());
    }
    Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0
        || ::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return failure("unix socket " + text, std::strerror(errno));
    StatsdSocket bound(std::move(socket), path);
    if (::chmod(path.c_str(), mode) != 0)
        return failure("unix socket " + text, std::strerror(errno));
    enlarge(bound.descriptor(), receiveBuffer);
    return bound;
}

std::uint16_t StatsdSocket::port() const
{
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    if (!isUdp() || ::getsockname(descriptor(), reinterpret_cast<sockaddr *>(&name), &length) != 0)
        return 0;
    return ntohs(name.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6 &>(name).sin6_port
                                            : reinterpret_cast<const sockaddr_in &>(name).sin_port);
}

std::size_t StatsdSocket::receiveBuffer() const
{
    int size = 0;
    socklen_t length = sizeof size;
    ::getsockopt(descriptor(), SOL_SOCKET, SO_RCVBUF, &size, &length);
    return static_cast<std::size_t>(size);
}

std::optional<std::uint32_t> StatsdSocket::drops() const
{
    std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
    socklen_t length = sizeof memory;
    if (::getsockopt(descriptor(), SOL_SOCKET, SO_MEMINFO, memory.data(), &length) != 0
        || length < (SK_MEMINFO_DROPS + 1) * sizeof memory[0])
        return {};
    return memory[SK_MEMINFO_DROPS];
}

} // namespace trendscope::exporter
