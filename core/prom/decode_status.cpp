#include "core/prom/decode.h"
#include "core/prom/envelope_p.h"

#include <cmath>

namespace trendscope::prom {

namespace ondemand = simdjson::ondemand;

namespace {

Alert alertFrom(ondemand::value value)
{
    Alert alert;
    for (ondemand::field field : value.get_object()) {
        const std::string_view key = field.unescaped_key();
        if (key == "labels")
            alert.labels = net::textMapOf(field.value());
        else if (key == "annotations")
            alert.annotations = net::textMapOf(field.value());
        else if (key == "state")
            alert.state = std::string_view(field.value().get_string()) == "firing"
                ? Alert::State::Firing
                : Alert::State::Pending;
        else if (key == "activeAt")
            alert.activeAt = net::timeOf(net::textOf(field.value()));
        else if (key == "value")
            alert.value = net::textOf(field.value());
    }
    return alert;
}

ScrapeTarget::Health healthFrom(std::string_view text)
{
    if (text == "up")
        return ScrapeTarget::Health::Up;
    if (text == "down")
        return ScrapeTarget::Health::Down;
    return ScrapeTarget::Health::Unknown;
}

std::chrono::milliseconds spanFrom(double seconds)
{
    constexpr double limit = 1e9;
    return std::chrono::milliseconds(
        seconds >= 0 && seconds < limit ? std::llround(seconds * 1000.0) : 0);
}

ScrapeTarget targetFrom(ondemand::value value)
{
    ScrapeTarget target;
    for (ondemand::field field : value.get_object()) {
        const std::string_view key = field.unescaped_key();
        if (key == "labels")
            target.labels = net::textMapOf(field.value());
        else if (key == "scrapePool")
            target.pool = net::textOf(field.value());
        else if (key == "scrapeUrl")
            target.url = net::textOf(field.value());
        else if (key == "health")
            target.health = healthFrom(field.value().get_string());
        else if (key == "lastError")
            target.lastError = net::textOf(field.value());
        else if (key == "lastScrape")
            target.lastScrape = net::timeOf(net::textOf(field.value()));
        else if (key == "lastScrapeDuration")
            target.lastDuration = spanFrom(field.value().get_double());
        else if (key == "scrapeInterval")
            target.interval = decodeDuration(net::textOf(field.value()));
    }
    return target;
}

/// The objects of the array `name` within data; a server may leave an empty one out or say null.
template <class T>
Result<std::vector<T>> decodeList(QByteArray body, std::string_view name,
                                  T (*from)(ondemand::value))
{
    std::vector<T> list;
    const Result<QStringList> done = decodeEnvelope(std::move(body), [&](ondemand::value data) {
        for (ondemand::field field : data.get_object()) {
            if (std::string_view(field.unescaped_key()) != name)
                continue;
            ondemand::value items = field.value();
            if (items.is_null())
                continue;
            for (ondemand::value item : items.get_array())
                list.push_back(from(item));
        }
    });
    if (!done)
        return tl::unexpected(done.error());
    return list;
}

/// 0 where the text is no unit.
std::chrono::milliseconds unitFrom(QStringView text)
{
    using namespace std::chrono_literals;
    using namespace Qt::StringLiterals;
    const std::pair<QStringView, std::chrono::milliseconds> units[] = {
        {u"ms", 1ms}, {u"s", 1s},      {u"m", 1min},     {u"h", 1h},
        {u"d", 24h},  {u"w", 7 * 24h}, {u"y", 365 * 24h}};
    for (const auto &[name, span] : units) {
        if (text == name)
            return span;
    }
    return 0ms;
}

qsizetype countWhile(QStringView text, bool (*holds)(QChar))
{
    return std::find_if_not(text.begin(), text.end(), holds) - text.begin();
}

} // namespace

std::chrono::milliseconds decodeDuration(QStringView text)
{
    std::chrono::milliseconds sum{};
    while (!text.isEmpty()) {
        const qsizetype digits = countWhile(text, [](QChar c) { return c >= u'0' && c <= u'9'; });
        const qsizetype letters =
            countWhile(text.sliced(digits), [](QChar c) { return c >= u'a' && c <= u'z'; });
        const std::chrono::milliseconds unit = unitFrom(text.sliced(digits, letters));
        if (digits == 0 || digits > 6 || unit.count() == 0)
            return {};
        sum += unit * text.first(digits).toInt();
        text = text.sliced(digits + letters);
    }
    return sum;
}

Result<std::vector<Alert>> decodeAlerts(QByteArray body)
{
    return decodeList<Alert>(std::move(body), "alerts", alertFrom);
}

Result<std::vector<ScrapeTarget>> decodeTargets(QByteArray body)
{
    return decodeList<ScrapeTarget>(std::move(body), "activeTargets", targetFrom);
}

Result<BuildInfo> decodeBuildInfo(QByteArray body)
{
    BuildInfo info;
    const Result<QStringList> done = decodeEnvelope(std::move(body), [&info](ondemand::value data) {
        for (ondemand::field field : data.get_object()) {
            if (std::string_view(field.unescaped_key()) == "version")
                info.version = net::textOf(field.value());
        }
    });
    if (!done)
        return tl::unexpected(done.error());
    return info;
}

Result<QStringList> decodeTextList(QByteArray body)
{
    QStringList list;
    const Result<QStringList> done = decodeEnvelope(
        std::move(body), [&list](ondemand::value data) { list = net::textListOf(data); });
    if (!done)
        return tl::unexpected(done.error());
    return list;
}

} // namespace trendscope::prom
