#pragma once

#include "core/logs/facets.h"
#include "core/logs/filter.h"
#include "core/logs/record.h"

#include <QAbstractTableModel>
#include <QStringList>
#include <QTimeZone>
#include <QTimer>

#include <array>
#include <deque>
#include <optional>
#include <vector>

namespace trendscope::ui {

/// Matching records over time.
struct LogHistogram {
    /// Counts by severity: no level and DEBUG, INFO, WARNING, ERROR and CRITICAL.
    using Bucket = std::array<quint32, 4>;

    logs::Timestamp start, end; ///< of the first and last record that has a time
    std::vector<Bucket>
        buckets; ///< equally wide from start to end; empty when no record has a time
};

/// The last records of all followed files, those that the filter matches as rows, oldest first.
///
/// Keeps `capacity` records; older ones are dropped and counted. A new filter is applied in slices
/// of a few milliseconds from the newest record back, so rows appear at the front until
/// isFiltering() ends.
class LogModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { TimeColumn, LevelColumn, SourceColumn, LoggerColumn, MessageColumn, ColumnCount };

    explicit LogModel(std::size_t capacity = 200'000, QObject *parent = nullptr);

    void append(std::vector<logs::Record> records);
    void clear();
    void setFilter(const logs::Filter &filter);
    void setTimeZone(const QTimeZone &zone);
    /// Short names of where records come from, by Record::source().
    void setSourceLabels(const QStringList &labels);
    const QStringList &sourceLabels() const { return m_sourceLabels; }

    /// Valid until the model changes.
    const logs::Record &record(int row) const;
    QString
    timeText(const logs::Record &record) const; ///< "2024-01-15 10:30:45.123"; empty without a time
    QString timeText(logs::Timestamp time) const;
    const QTimeZone &timeZone() const { return m_zone; }
    /// The first row of that time or later; the last row when there is none; -1 in an empty model.
    int rowAt(logs::Timestamp time) const;

    std::size_t recordCount() const { return m_records.size(); }
    std::size_t matchCount() const { return m_rows.size(); }
    std::size_t errorCount() const
    {
        return m_errors;
    } ///< matching records of level ERROR and CRITICAL
    quint64 droppedCount() const { return m_dropped; } ///< records that made room for newer ones
    bool isFiltering() const { return m_scanEnd > m_firstSequence; }
    LogHistogram histogram(int buckets) const;
    const logs::FacetCounts &facets() const { return m_facets; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation,
                        int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    /// The counts, the histogram or the facets are others than before.
    void countsChanged();
    /// So many rows are new because records came, not because of another filter.
    void rowsCame(int count);
    void sourceLabelsChanged();

private:
    struct Row {
        quint64 sequence;
        std::optional<logs::Timestamp> time;
        logs::Level level;
    };

    const logs::Record &recordOf(const Row &row) const;
    std::optional<Row> rowIfMatching(quint64 sequence, const logs::Record &record);
    void dropOldest(std::size_t count);
    void scanSlice();

    std::size_t m_capacity;
    std::deque<logs::Record> m_records;
    quint64 m_firstSequence = 0; // of m_records.front(); every record has the next number
    std::deque<Row> m_rows;
    quint64 m_scanEnd = 0; // records before this one have not met the filter yet
    logs::Filter m_filter;
    logs::FacetCounts m_facets;
    QStringList m_sourceLabels;
    QTimeZone m_zone = QTimeZone::systemTimeZone();
    QTimer m_scan;
    std::size_t m_errors = 0;
    quint64 m_dropped = 0;
};

} // namespace trendscope::ui
