#pragma once

#include "core/dashboard/model.h"

#include <QHash>
#include <QString>

namespace trendscope::dashboard {

/// What `$name`, `${name}`, `${name:format}` and `[[name]]` stand for.
struct Scope {
    std::vector<Variable> variables;
    QHash<QString, QString> builtIns; ///< "__interval", "__rate_interval", …; taken as they are
};

enum class Syntax {
    PromQL, ///< values of multi variables become a regular expression inside a PromQL string
    Text,   ///< for titles
};

/// A name that is not known stays as it is written. Formats: raw, regex, pipe, csv; any other is as
/// without one. https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/
QString interpolate(const QString &text, const Scope &scope, Syntax syntax);

/// The variables in `text` that are known but have no value: what they stand for was never saved.
QStringList variablesWithoutValue(const QString &text, const Scope &scope);

} // namespace trendscope::dashboard
