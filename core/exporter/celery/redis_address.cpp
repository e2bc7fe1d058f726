#include "core/exporter/celery/redis_address.h"

#include "core/exporter/secret_p.h"

#include <charconv>
#include <optional>

namespace trendscope::exporter {

namespace {

tl::unexpected<Error> invalid(std::string message)
{
    return tl::unexpected(Error{Error::Kind::Invalid, std::move(message), {}});
}

std::optional<int> number(std::string_view text, int most)
{
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || value < 0 || value > most)
        return {};
    return value;
}

std::string percentDecoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        const char *const digits = text.data() + i + 1;
        if (text[i] == '%' && text.size() - i > 2
            && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// Cuts `text` at the first (or last) `separator`; what was before it, or nothing.
std::optional<std::string_view> takeBefore(std::string_view &text, char separator, bool last)
{
    const auto at = last ? text.rfind(separator) : text.find(separator);
    if (at == std::string_view::npos)
        return {};
    const std::string_view before = text.substr(0, at);
    text.remove_prefix(at + 1);
    return before;
}

void takeCredentials(std::string_view &text, RedisAddress &address)
{
    auto credentials = takeBefore(text, '@', true);
    if (!credentials)
        return;
    const auto user = takeBefore(*credentials, ':', false);
    address.user = percentDecoded(user.value_or(*credentials));
    if (user)
        address.password = percentDecoded(*credentials);
}

Result<RedisAddress> parseSocket(std::string_view text)
{
    RedisAddress address;
    takeCredentials(text, address);
    const auto question = text.find('?');
    address.path = percentDecoded(text.substr(0, question));
    if (!address.path.starts_with('/'))
        return invalid("the URL of Redis names no socket: write unix:///path/to/redis.sock");
    if (question == std::string_view::npos)
        return address;
    std::string_view query = text.substr(question + 1);
    const auto key = takeBefore(query, '=', false);
    const auto database = number(query, 1 << 20);
    if ((key != "db" && key != "virtual_host") || !database)
        return invalid("the URL of Redis has an option that is not ?db= and a number");
    address.database = *database;
    return address;
}

Result<RedisAddress> parseServer(std::string_view text)
{
    RedisAddress address;
    takeCredentials(text, address);
    std::string_view place = text.substr(0, text.find('/'));
    text.remove_prefix(place.size());
    if (place.starts_with('[') && place.find(']') != std::string_view::npos) {
        address.host = place.substr(1, place.find(']') - 1);
        place.remove_prefix(place.find(']') + 1);
    } else {
        address.host = place.substr(0, place.find(':'));
        place.remove_prefix(address.host.size());
    }
    if (address.host.empty())
        address.host = "127.0.0.1";
    if (!place.empty()) {
        const auto port = number(place.substr(1), 65535);
        if (!port || *port == 0 || place.front() != ':')
            return invalid("the URL of Redis has a port that is not a number from 1 to 65535");
        address.port = *port;
    }
    if (text.size() > 1) {
        const auto database = number(text.substr(1), 1 << 20);
        if (!database)
            return invalid("the URL of Redis has a database that is not a number");
        address.database = *database;
    }
    return address;
}

} // namespace

std::string RedisAddress::text() const
{
    if (host.empty())
        return "unix://" + path;
    const bool isIpv6 = host.find(':') != std::string::npos;
    return "redis://" + (isIpv6 ? '[' + host + ']' : host) + ':' + std::to_string(port) + '/'
        + std::to_string(database);
}

Result<RedisAddress> parseRedisUrl(std::string_view url)
{
    const auto after = [&](std::string_view scheme) -> std::optional<std::string_view> {
        if (!url.starts_with(scheme))
            return {};
        return url.substr(scheme.size());
    };
    if (const auto rest = after("redis://"))
        return parseServer(*rest);
    for (const std::string_view scheme : {"unix://", "redis+socket://"}) {
        if (const auto rest = after(scheme))
            return parseSocket(*rest);
    }
    if (url.starts_with("rediss://"))
        return invalid("Redis over TLS (rediss://) is not supported: use a Unix socket, or a TLS "
                       "tunnel such as stunnel on this machine");
    return invalid("the URL of Redis begins with neither redis:// nor unix://");
}

Result<RedisAddress> redisAddressOf(const config::CelerySettings &settings)
{
    std::string url = settings.url;
    if (!settings.urlFile.empty()) {
        auto line = readFirstLine(settings.urlFile);
        if (!line)
            return tl::unexpected(line.error());
        url = std::move(*line);
    }
    auto address = parseRedisUrl(url);
    if (!address)
        return address;
    auto password = secretFrom(settings.passwordEnvironment, settings.passwordFile);
    if (!password)
        return tl::unexpected(password.error());
    if (*password)
        address->password = std::move(**password);
    return address;
}

} // namespace trendscope::exporter
