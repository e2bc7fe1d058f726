#include "core/prom/envelope_p.h"

namespace trendscope::prom {

namespace ondemand = simdjson::ondemand;

namespace {

struct Status {
    std::string word;
    std::string errorType;
    std::string error;
    QStringList warnings;
    bool hasData = false;
};

Error::Kind kindOf(const std::string &errorType)
{
    if (errorType == "bad_data")
        return Error::Kind::BadData;
    if (errorType == "timeout")
        return Error::Kind::Timeout;
    if (errorType == "canceled")
        return Error::Kind::Canceled;
    if (errorType == "unavailable")
        return Error::Kind::Unavailable;
    if (errorType == "not_found")
        return Error::Kind::NotFound;
    return Error::Kind::Execution;
}

std::string stringOf(ondemand::value value)
{
    return std::string(std::string_view(value.get_string()));
}

void readField(ondemand::field field, Status &status,
               const std::function<void(ondemand::value)> &read)
{
    const std::string_view key = field.unescaped_key();
    if (key == "status") {
        status.word = stringOf(field.value());
    } else if (key == "errorType") {
        status.errorType = stringOf(field.value());
    } else if (key == "error") {
        status.error = stringOf(field.value());
    } else if (key == "warnings" || key == "infos") {
        status.warnings += net::textListOf(field.value());
    } else if (key == "data") {
        ondemand::value data = field.value();
        // An error may come with "data": null or none at all.
        if (!data.is_null()) {
            status.hasData = true;
            read(data);
        }
    }
}

} // namespace

Result<QStringList> decodeEnvelope(QByteArray body,
                                   const std::function<void(ondemand::value)> &read)
{
    Status status;
    const Result<void> parsed = net::readJson(std::move(body), [&](ondemand::document &document) {
        for (ondemand::field field : document.get_object())
            readField(field, status, read);
    });
    if (!parsed)
        return tl::unexpected(parsed.error());
    if (status.word == "error")
        return tl::unexpected(Error{kindOf(status.errorType), status.error, {}});
    if (status.word != "success" || !status.hasData)
        return tl::unexpected(
            Error{Error::Kind::BadResponse, "the answer is not what the API promises", {}});
    return status.warnings;
}

} // namespace trendscope::prom
