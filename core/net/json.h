#pragma once

#include "core/result.h"

#include <QByteArray>
#include <QMap>
#include <QString>
#include <QStringList>

#include <simdjson.h>

#include <chrono>
#include <functional>

/// What the decoders of core share. Not for ui: it brings simdjson along.
///
/// The readers throw simdjson_error on anything that is not what they were told to expect;
/// readJson() is where that ends. Unknown fields are skipped, so that newer servers are understood.
namespace trendscope::net {

/// An answer that is JSON but not what the API promises. Thrown by readers, caught by readJson().
struct JsonMismatch {
    const char *what; ///< "the answer holds no alerts"
};

/// Parses `body` and hands it to `read`. BadResponse where that is not possible.
Result<void> readJson(QByteArray body,
                      const std::function<void(simdjson::ondemand::document &)> &read);

QString toText(std::string_view utf8);
QString textOf(simdjson::ondemand::value value);                   ///< null gives an empty text
QMap<QString, QString> textMapOf(simdjson::ondemand::value value); ///< null gives an empty map
QStringList textListOf(simdjson::ondemand::value value);           ///< null gives an empty list

/// RFC 3339 with any number of fraction digits. Text that is no time, and Go's zero time, give the
/// epoch: "never".
std::chrono::sys_time<std::chrono::milliseconds> timeOf(const QString &text);

} // namespace trendscope::net
