#include "core/alert/decode.h"

#include "core/net/json.h"

namespace trendscope::alert {

namespace ondemand = simdjson::ondemand;

namespace {

Alert::State stateFrom(std::string_view text)
{
    if (text == "active")
        return Alert::State::Active;
    if (text == "suppressed")
        return Alert::State::Suppressed;
    return Alert::State::Unprocessed;
}

void readStatus(ondemand::value value, Alert &alert)
{
    for (ondemand::field field : value.get_object()) {
        const std::string_view key = field.unescaped_key();
        if (key == "state")
            alert.state = stateFrom(field.value().get_string());
        else if (key == "silencedBy")
            alert.silencedBy = net::textListOf(field.value());
        else if (key == "inhibitedBy")
            alert.inhibitedBy = net::textListOf(field.value());
    }
}

Alert alertFrom(ondemand::value value)
{
    Alert alert;
    for (ondemand::field field : value.get_object()) {
        const std::string_view key = field.unescaped_key();
        if (key == "labels")
            alert.labels = net::textMapOf(field.value());
        else if (key == "status")
            readStatus(field.value(), alert);
        else if (key == "startsAt")
            alert.startsAt = net::timeOf(net::textOf(field.value()));
    }
    return alert;
}

} // namespace

Result<std::vector<Alert>> decodeAlerts(QByteArray body)
{
    std::vector<Alert> alerts;
    const Result<void> parsed =
        net::readJson(std::move(body), [&alerts](ondemand::document &document) {
            for (ondemand::value item : document.get_array())
                alerts.push_back(alertFrom(item));
        });
    if (!parsed)
        return tl::unexpected(parsed.error());
    return alerts;
}

Result<AlertmanagerClient::Status> decodeStatus(QByteArray body)
{
    AlertmanagerClient::Status status;
    const Result<void> parsed =
        net::readJson(std::move(body), [&status](ondemand::document &document) {
            for (ondemand::field field : document.get_object()) {
                if (std::string_view(field.unescaped_key()) != "versionInfo")
                    continue;
                ondemand::value info = field.value();
                for (ondemand::field entry : info.get_object()) {
                    if (std::string_view(entry.unescaped_key()) == "version")
                        status.version = net::textOf(entry.value());
                }
            }
        });
    if (!parsed)
        return tl::unexpected(parsed.error());
    return status;
}

} // namespace trendscope::alert
