#pragma once

#include "core/alert/severity.h"
#include "core/alert/suppression.h"
#include "core/prom/alert.h"
#include "core/prom/row_model.h"

namespace trendscope::alert {

class Monitor;

/// One alert as the table shows it.
struct AlertRow {
    enum class Status { Firing, Pending, Snoozed, Silenced, Inhibited };

    QString key;
    prom::Alert alert;
    Status status = Status::Firing;

    bool operator==(const AlertRow &other) const;
};

/// "FIRING", "PENDING", …
QString statusWord(AlertRow::Status status);

/// All alerts that a monitor knows, the Watchdog aside, as plain values; looks are a delegate's
/// business.
class AlertModel final : public prom::RowModel<AlertRow> {
    Q_OBJECT

public:
    enum Column { StatusColumn, NameColumn, SummaryColumn, SinceColumn, ColumnCount };

    enum Role {
        StatusRole = Qt::UserRole, ///< AlertRow::Status as int
        SeverityRole,              ///< Severity as int
        SeverityWordRole,
        NameRole,
        SummaryRole,
        LabelsRole,     ///< QStringList of "name=value", without alertname and severity
        SinceRole,      ///< qint64, milliseconds since the epoch
        UrgencyRole,    ///< qint64, ascending: firing first, worst first, oldest first
        SearchTextRole, ///< name, summary and all labels: what a filter looks in
    };

    using RowModel::RowModel;

    /// Takes over what `monitor` knows now.
    void update(const Monitor &monitor);

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation,
                        int role = Qt::DisplayRole) const override;

private:
    static QVariant cell(const AlertRow &row, int column);
};

} // namespace trendscope::alert
