#pragma once

#include "core/prom/row_model.h"
#include "core/prom/scrape_target.h"

namespace trendscope::prom {

/// One scrape target as the table shows it.
struct TargetRow {
    QString key;
    ScrapeTarget target;

    bool operator==(const TargetRow &other) const;
};

/// "UP", "DOWN", "UNKNOWN"
QString healthWord(ScrapeTarget::Health health);

/// Scrape targets as plain values; looks are a delegate's business.
class TargetModel final : public RowModel<TargetRow> {
    Q_OBJECT

public:
    enum Column {
        PoolColumn,
        HealthColumn,
        InstanceColumn,
        LastScrapeColumn,
        DurationColumn,
        ErrorColumn,
        ColumnCount
    };

    enum Role {
        HealthRole = Qt::UserRole, ///< ScrapeTarget::Health as int
        PoolRole,
        LastScrapeRole, ///< qint64, milliseconds since the epoch; 0: never
        DurationRole,   ///< qint64, milliseconds
        OrderRole,      ///< text: by pool, then instance
        SearchTextRole, ///< pool, address, labels, error: what a filter looks in
    };

    using RowModel::RowModel;

    void setTargets(const std::vector<ScrapeTarget> &targets);
    int count(ScrapeTarget::Health health) const;

    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation,
                        int role = Qt::DisplayRole) const override;

private:
    static QVariant cell(const ScrapeTarget &target, int column);
};

} // namespace trendscope::prom
