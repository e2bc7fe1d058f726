#include "core/exporter/http/listen_address.h"

#include <charconv>

namespace trendscope::exporter {

namespace {

tl::unexpected<Error> invalid(std::string_view text)
{
    std::string message = "'";
    message += text;
    message += "' is not an address to listen on, such as 127.0.0.1:9787, :9787 or [::1]:9787";
    return tl::unexpected(Error{Error::Kind::Invalid, std::move(message), {}});
}

} // namespace

Result<ListenAddress> ListenAddress::parse(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return invalid(text);
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);

    if (host.starts_with('[') && host.ends_with(']') && host.size() > 2)
        host = host.substr(1, host.size() - 2);
    else if (host.find_first_of(":[]/ ") != std::string_view::npos) // IPv6 wants brackets
        return invalid(text);

    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || failure != std::errc() || end != digits.data() + digits.size())
        return invalid(text);
    return ListenAddress{std::string(host), port};
}

std::string ListenAddress::text() const
{
    const bool isIpv6 = host.find(':') != std::string::npos;
    return (isIpv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

} // namespace trendscope::exporter
