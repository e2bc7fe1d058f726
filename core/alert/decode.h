#pragma once

#include "core/alert/alert.h"
#include "core/alert/alertmanager_client.h"
#include "core/result.h"

#include <QByteArray>

#include <vector>

/// Bodies of Alertmanager's API, v2, into values. Pure functions, safe on any input; errors are
/// BadResponse with a message that starts with "the answer".
namespace trendscope::alert {

Result<std::vector<Alert>> decodeAlerts(QByteArray body);
Result<AlertmanagerClient::Status> decodeStatus(QByteArray body);

} // namespace trendscope::alert
