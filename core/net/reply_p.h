#pragma once

#include "core/net/http.h"

#include <QNetworkRequest>

class QNetworkReply;

namespace trendscope::net {

/// Error::kind and what the user is told.
Error errorOf(Error::Kind kind, const QString &message, const QString &detail = {});

bool isHttp(const QUrl &url);
Error notHttp(const HttpRequest &request);

/// `request` for Qt, for this address. User info becomes a header.
QNetworkRequest prepared(const HttpRequest &request, QUrl url);

/// What the reply's error means; it has one that is not a status.
Error transferError(const QNetworkReply &reply, const HttpRequest &request);

/// "1.5 s"
QString spanText(std::chrono::milliseconds span);

} // namespace trendscope::net
