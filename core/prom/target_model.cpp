#include "core/prom/target_model.h"

#include <QDateTime>

#include <algorithm>

namespace trendscope::prom {

using namespace Qt::StringLiterals;

namespace {

QString instanceOf(const ScrapeTarget &target)
{
    const QString instance = target.labels.value(u"instance"_s);
    return instance.isEmpty() ? target.url : instance;
}

QString orderOf(const ScrapeTarget &target)
{
    return target.pool + u'\x1f' + instanceOf(target);
}

QString searchTextOf(const ScrapeTarget &target)
{
    QString text = target.pool + u'\n' + target.url + u'\n' + healthWord(target.health) + u'\n'
        + target.lastError;
    for (auto label = target.labels.begin(); label != target.labels.end(); ++label)
        text += u'\n' + label.key() + u'=' + label.value();
    return text;
}

QString tipOf(const ScrapeTarget &target)
{
    QStringList lines{target.url};
    for (auto label = target.labels.begin(); label != target.labels.end(); ++label)
        lines.append(label.key() + u'=' + label.value());
    if (!target.lastError.isEmpty())
        lines.append(target.lastError);
    return lines.join(u'\n');
}

qint64 millisOf(Timestamp time)
{
    return time.time_since_epoch().count();
}

} // namespace

bool TargetRow::operator==(const TargetRow &other) const
{
    return key == other.key && target.health == other.target.health
        && target.lastError == other.target.lastError
        && target.lastScrape == other.target.lastScrape
        && target.lastDuration == other.target.lastDuration && target.labels == other.target.labels;
}

QString healthWord(ScrapeTarget::Health health)
{
    switch (health) {
    case ScrapeTarget::Health::Up:
        return u"UP"_s;
    case ScrapeTarget::Health::Down:
        return u"DOWN"_s;
    case ScrapeTarget::Health::Unknown:
        break;
    }
    return u"UNKNOWN"_s;
}

void TargetModel::setTargets(const std::vector<ScrapeTarget> &targets)
{
    std::vector<TargetRow> rows;
    rows.reserve(targets.size());
    for (const ScrapeTarget &target : targets)
        rows.push_back({orderOf(target) + u'\x1f' + target.url, target});
    replaceRows(std::move(rows));
}

int TargetModel::count(ScrapeTarget::Health health) const
{
    int count = 0;
    for (int row = 0; row < rowCount(); ++row)
        count += rowAt(row).target.health == health ? 1 : 0;
    return count;
}

int TargetModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant TargetModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const ScrapeTarget &target = rowAt(index.row()).target;
    switch (role) {
    case Qt::DisplayRole:
        return cell(target, index.column());
    case Qt::AccessibleTextRole:
        return QString(cell(target, index.column()).toString());
    case Qt::AccessibleDescriptionRole:
        return tipOf(target);
    case HealthRole:
        return static_cast<int>(target.health);
    case PoolRole:
        return target.pool;
    case LastScrapeRole:
        return millisOf(target.lastScrape);
    case DurationRole:
        return static_cast<qint64>(target.lastDuration.count());
    case OrderRole:
        return orderOf(target);
    case SearchTextRole:
        return searchTextOf(target);
    default:
        return {};
    }
}

QVariant TargetModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const QStringList titles{u"Pool"_s,        u"State"_s, u"Instance"_s,
                                    u"Last scrape"_s, u"Took"_s,  u"Last error"_s};
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    return titles.value(section);
}

QVariant TargetModel::cell(const ScrapeTarget &target, int column)
{
    switch (column) {
    case HealthColumn:
        return healthWord(target.health);
    case PoolColumn:
        return target.pool;
    case InstanceColumn:
        return instanceOf(target);
    case LastScrapeColumn:
        return target.lastScrape == Timestamp{}
            ? u"never"_s
            : QDateTime::fromMSecsSinceEpoch(millisOf(target.lastScrape)).toString(Qt::ISODate);
    case DurationColumn:
        return QString::number(target.lastDuration.count()) + u" ms"_s;
    case ErrorColumn:
        return target.lastError;
    default:
        return {};
    }
}

} // namespace trendscope::prom
