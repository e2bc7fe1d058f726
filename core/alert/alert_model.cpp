#include "core/alert/alert_model.h"

#include "core/alert/monitor.h"

#include <QDateTime>

namespace trendscope::alert {

using namespace Qt::StringLiterals;

namespace {

AlertRow::Status statusOf(const Monitor &monitor, size_t index)
{
    const prom::Alert &alert = monitor.alerts()[index];
    if (alert.state == prom::Alert::State::Pending)
        return AlertRow::Status::Pending;
    switch (monitor.suppression(index)) {
    case Suppression::Silenced:
        return AlertRow::Status::Silenced;
    case Suppression::Inhibited:
        return AlertRow::Status::Inhibited;
    case Suppression::None:
        break;
    }
    return monitor.isSnoozed(alert) ? AlertRow::Status::Snoozed : AlertRow::Status::Firing;
}

QString keyOf(const prom::Labels &labels)
{
    QString key;
    for (auto label = labels.begin(); label != labels.end(); ++label)
        key += label.key() + u'\x1f' + label.value() + u'\x1e';
    return key;
}

QStringList chipsOf(const prom::Labels &labels)
{
    QStringList chips;
    for (auto label = labels.begin(); label != labels.end(); ++label) {
        if (label.key() != "alertname"_L1 && label.key() != "severity"_L1)
            chips.append(label.key() + u'=' + label.value());
    }
    return chips;
}

qint64 millisOf(prom::Timestamp time)
{
    return time.time_since_epoch().count();
}

qint64 urgencyOf(const AlertRow &row)
{
    constexpr qint64 beyondAnyTime = 1'000'000'000'000'000;
    const auto rank =
        static_cast<qint64>(row.status) * 8 + static_cast<qint64>(severityOf(row.alert));
    return rank * beyondAnyTime
        + std::clamp(millisOf(row.alert.activeAt), qint64{0}, beyondAnyTime - 1);
}

QString searchTextOf(const AlertRow &row)
{
    QString text = statusWord(row.status) + u'\n' + summaryOf(row.alert);
    for (auto label = row.alert.labels.begin(); label != row.alert.labels.end(); ++label)
        text += u'\n' + label.key() + u'=' + label.value();
    return text;
}

QString spoken(const AlertRow &row)
{
    return u"%1, %2: %3. %4"_s.arg(statusWord(row.status), severityWord(row.alert),
                                   nameOf(row.alert), summaryOf(row.alert));
}

} // namespace

bool AlertRow::operator==(const AlertRow &other) const
{
    return key == other.key && status == other.status && alert.activeAt == other.alert.activeAt
        && alert.value == other.alert.value && alert.annotations == other.alert.annotations;
}

QString statusWord(AlertRow::Status status)
{
    switch (status) {
    case AlertRow::Status::Firing:
        return u"FIRING"_s;
    case AlertRow::Status::Pending:
        return u"PENDING"_s;
    case AlertRow::Status::Snoozed:
        return u"SNOOZED"_s;
    case AlertRow::Status::Silenced:
        return u"SILENCED"_s;
    case AlertRow::Status::Inhibited:
        return u"INHIBITED"_s;
    }
    Q_UNREACHABLE();
}

void AlertModel::update(const Monitor &monitor)
{
    std::vector<AlertRow> rows;
    for (size_t i = 0; i < monitor.alerts().size(); ++i) {
        const prom::Alert &alert = monitor.alerts()[i];
        if (!isWatchdog(alert))
            rows.push_back({keyOf(alert.labels), alert, statusOf(monitor, i)});
    }
    replaceRows(std::move(rows));
}

int AlertModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AlertModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const AlertRow &row = rowAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return cell(row, index.column());
    case Qt::AccessibleTextRole:
        return spoken(row);
    case StatusRole:
        return static_cast<int>(row.status);
    case SeverityRole:
        return static_cast<int>(severityOf(row.alert));
    case SeverityWordRole:
        return severityWord(row.alert);
    case NameRole:
        return nameOf(row.alert);
    case SummaryRole:
        return summaryOf(row.alert);
    case LabelsRole:
        return chipsOf(row.alert.labels);
    case SinceRole:
        return millisOf(row.alert.activeAt);
    case UrgencyRole:
        return urgencyOf(row);
    case SearchTextRole:
        return searchTextOf(row);
    default:
        return {};
    }
}

QVariant AlertModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const QStringList titles{u"State"_s, u"Alert"_s, u"Summary"_s, u"Since"_s};
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    return titles.value(section);
}

QVariant AlertModel::cell(const AlertRow &row, int column)
{
    switch (column) {
    case StatusColumn:
        return statusWord(row.status);
    case NameColumn:
        return nameOf(row.alert);
    case SummaryColumn:
        return summaryOf(row.alert);
    case SinceColumn:
        return QDateTime::fromMSecsSinceEpoch(millisOf(row.alert.activeAt)).toString(Qt::ISODate);
    default:
        return {};
    }
}

} // namespace trendscope::alert
