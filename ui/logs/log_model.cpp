#include "ui/logs/log_model.h"

#include "ui/logs/log_text.h"

#include <QDateTime>
#include <QElapsedTimer>

#include <algorithm>
#include <utility>

namespace trendscope::ui {
namespace {

constexpr int sliceMilliseconds = 6;

std::size_t severityOf(logs::Level level)
{
    switch (level) {
    case logs::Level::Unknown:
    case logs::Level::Debug:
        return 0;
    case logs::Level::Info:
        return 1;
    case logs::Level::Warning:
        return 2;
    case logs::Level::Error:
    case logs::Level::Critical:
        return 3;
    }
    return 0;
}

} // namespace

LogModel::LogModel(std::size_t capacity, QObject *parent)
    : QAbstractTableModel(parent)
    , m_capacity(capacity)
{
    connect(&m_scan, &QTimer::timeout, this, &LogModel::scanSlice);
}

void LogModel::append(std::vector<logs::Record> records)
{
    if (records.empty())
        return;
    if (records.size() > m_capacity) {
        m_dropped += records.size() - m_capacity;
        records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(m_capacity));
    }
    const std::size_t needed = m_records.size() + records.size();
    dropOldest(needed - std::min(needed, m_capacity));

    std::vector<Row> rows;
    for (logs::Record &record : records) {
        m_records.push_back(std::move(record));
        if (const auto row =
                rowIfMatching(m_firstSequence + m_records.size() - 1, m_records.back()))
            rows.push_back(*row);
    }
    if (!rows.empty()) {
        const int first = rowCount();
        beginInsertRows({}, first, first + static_cast<int>(rows.size()) - 1);
        m_rows.insert(m_rows.end(), rows.begin(), rows.end());
        endInsertRows();
        Q_EMIT rowsCame(static_cast<int>(rows.size()));
    }
    Q_EMIT countsChanged();
}

/// The row of a record that the filter matches; counts it.
std::optional<LogModel::Row> LogModel::rowIfMatching(quint64 sequence, const logs::Record &record)
{
    if (!m_filter.matches(record))
        return std::nullopt;
    m_facets.add(record);
    m_errors += severityOf(record.level()) == 3 ? 1 : 0;
    return Row{sequence, record.time(), record.level()};
}

void LogModel::dropOldest(std::size_t count)
{
    if (count == 0)
        return;
    const quint64 kept = m_firstSequence + count;
    const auto end = std::ranges::lower_bound(m_rows, kept, {}, &Row::sequence);
    if (end != m_rows.begin()) {
        beginRemoveRows({}, 0, static_cast<int>(end - m_rows.begin()) - 1);
        for (auto row = m_rows.begin(); row != end; ++row) {
            m_facets.remove(recordOf(*row));
            m_errors -= severityOf(row->level) == 3 ? 1 : 0;
        }
        m_rows.erase(m_rows.begin(), end);
        endRemoveRows();
    }
    m_records.erase(m_records.begin(), m_records.begin() + static_cast<std::ptrdiff_t>(count));
    m_firstSequence = kept;
    m_dropped += count;
}

void LogModel::clear()
{
    beginResetModel();
    m_firstSequence += m_records.size();
    m_records.clear();
    m_rows.clear();
    m_facets.clear();
    m_errors = 0;
    m_dropped = 0;
    endResetModel();
    Q_EMIT countsChanged();
}

void LogModel::setFilter(const logs::Filter &filter)
{
    beginResetModel();
    m_filter = filter;
    m_rows.clear();
    m_facets.clear();
    m_errors = 0;
    m_scanEnd = m_firstSequence + m_records.size();
    endResetModel();
    // The first slice at once: what fits on the screen is there before the next frame.
    scanSlice();
    if (isFiltering())
        m_scan.start(0);
}

void LogModel::scanSlice()
{
    QElapsedTimer timer;
    timer.start();
    std::vector<Row> rows; // newest first
    while (isFiltering() && (m_scanEnd % 64 != 0 || timer.elapsed() < sliceMilliseconds)) {
        --m_scanEnd;
        if (const auto row = rowIfMatching(m_scanEnd, m_records[m_scanEnd - m_firstSequence]))
            rows.push_back(*row);
    }
    if (!rows.empty()) {
        beginInsertRows({}, 0, static_cast<int>(rows.size()) - 1);
        m_rows.insert(m_rows.begin(), rows.rbegin(), rows.rend());
        endInsertRows();
    }
    if (!isFiltering())
        m_scan.stop();
    Q_EMIT countsChanged();
}

void LogModel::setTimeZone(const QTimeZone &zone)
{
    m_zone = zone;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, TimeColumn), index(rowCount() - 1, TimeColumn));
    Q_EMIT countsChanged();
}

void LogModel::setSourceLabels(const QStringList &labels)
{
    m_sourceLabels = labels;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, SourceColumn), index(rowCount() - 1, SourceColumn));
    Q_EMIT sourceLabelsChanged();
}

const logs::Record &LogModel::recordOf(const Row &row) const
{
    return m_records[row.sequence - m_firstSequence];
}

const logs::Record &LogModel::record(int row) const
{
    return recordOf(m_rows[static_cast<std::size_t>(row)]);
}

QString LogModel::timeText(const logs::Record &record) const
{
    const auto time = record.time();
    return time ? timeText(*time) : QString();
}

QString LogModel::timeText(logs::Timestamp time) const
{
    const auto milliseconds =
        std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
    return QDateTime::fromMSecsSinceEpoch(milliseconds, m_zone)
        .toString(u"yyyy-MM-dd HH:mm:ss.zzz");
}

int LogModel::rowAt(logs::Timestamp time) const
{
    // Several files, and clocks that jump, are not quite in order: a search by halves would not be
    // sure to find it.
    const auto found = std::ranges::find_if(
        m_rows, [time](const Row &row) { return row.time && *row.time >= time; });
    return static_cast<int>(found - m_rows.begin()) - (found == m_rows.end() ? 1 : 0);
}

LogHistogram LogModel::histogram(int buckets) const
{
    LogHistogram histogram{logs::Timestamp::max(), logs::Timestamp::min(), {}};
    for (const Row &row : m_rows) {
        if (row.time) {
            histogram.start = std::min(histogram.start, *row.time);
            histogram.end = std::max(histogram.end, *row.time);
        }
    }
    if (histogram.start > histogram.end || buckets <= 0)
        return {};

    histogram.buckets.resize(static_cast<std::size_t>(buckets));
    const double span = static_cast<double>((histogram.end - histogram.start).count()) + 1;
    for (const Row &row : m_rows) {
        if (!row.time)
            continue;
        const auto offset = static_cast<double>((*row.time - histogram.start).count());
        const auto bucket = static_cast<std::size_t>(offset / span * buckets);
        ++histogram.buckets[std::min(bucket, histogram.buckets.size() - 1)][severityOf(row.level)];
    }
    return histogram;
}

int LogModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int LogModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant LogModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || role != Qt::DisplayRole)
        return {};
    const logs::Record &shown = record(index.row());
    switch (index.column()) {
    case TimeColumn:
        return timeText(shown);
    case LevelColumn:
        return oneLine(shown.level() == logs::Level::Unknown ? shown.value("level").value_or("")
                                                             : logs::levelName(shown.level()));
    case SourceColumn:
        return m_sourceLabels.value(shown.source());
    case LoggerColumn:
        return oneLine(shown.logger());
    case MessageColumn:
        return oneLine(shown.message());
    default:
        return {};
    }
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case TimeColumn:
        return tr("Time");
    case LevelColumn:
        return tr("Level");
    case SourceColumn:
        return tr("Source");
    case LoggerColumn:
        return tr("Logger");
    case MessageColumn:
        return tr("Message");
    default:
        return {};
    }
}

} // namespace trendscope::ui
