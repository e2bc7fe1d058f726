#pragma once

#include "core/prom/client.h"
#include "ui/module.h"

#include <QStringList>

namespace trendscope::ui {

/// The endpoints that options name. Errors: Invalid, naming the option, for what is no http(s) URL.
Result<prom::Endpoint> prometheusOf(const Servers &servers);
Result<prom::Endpoint> alertmanagerOf(const Servers &servers); ///< an empty URL where there is none

/// A list of UTF-8 strings as Qt's.
QStringList stringsOf(const std::vector<std::string> &strings);

} // namespace trendscope::ui
