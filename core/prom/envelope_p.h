#pragma once

#include "core/net/json.h"
#include "core/result.h"

#include <QByteArray>
#include <QStringList>

#include <functional>

namespace trendscope::prom {

/// Opens `{"status": …, "data": …, "warnings": …}` and hands the value of `data` to `read`.
///
/// The warnings and infos, or the server's own error, or BadResponse.
Result<QStringList> decodeEnvelope(QByteArray body,
                                   const std::function<void(simdjson::ondemand::value)> &read);

} // namespace trendscope::prom
