#pragma once

#include "core/dashboard/model.h"
#include "core/result.h"

#include <QByteArray>

namespace trendscope::dashboard {

/// Reads a dashboard in Grafana's classic JSON, bare or wrapped by the API (`{"dashboard": …}`).
///
/// `file` names the source in errors. Errors: Invalid, with file, line and column for text that is
/// no JSON, or naming what makes it no dashboard. Members of a wrong type take their default.
Result<Dashboard> parseDashboard(const QByteArray &json, const QString &file);

/// Errors: NotFound, System, and those of parseDashboard.
Result<Dashboard> loadDashboard(const QString &file);

/// The dashboards of some files and folders, and what could not be read.
struct Library {
    std::vector<Dashboard> dashboards; ///< in the order given; the files of a folder by name
    std::vector<Error> problems;

    /// By uid, then file name, then title (case-insensitive); null when there is none.
    const Dashboard *find(const QString &name) const;
};

/// A folder gives its *.json files; a second dashboard of the same uid is a problem, not a
/// replacement.
Library loadLibrary(const QStringList &paths);

} // namespace trendscope::dashboard
