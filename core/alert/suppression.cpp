#include "core/alert/suppression.h"

#include <QHash>

#include <algorithm>

namespace trendscope::alert {

using namespace Qt::StringLiterals;

namespace {

bool holdsAll(const QMap<QString, QString> &labels, const prom::Labels &wanted)
{
    for (auto label = wanted.begin(); label != wanted.end(); ++label) {
        const auto found = labels.constFind(label.key());
        if (found == labels.constEnd() || *found != label.value())
            return false;
    }
    return true;
}

} // namespace

std::vector<Suppression> suppressionsOf(const std::vector<prom::Alert> &alerts,
                                        const std::vector<Alert> &managed)
{
    QMultiHash<QString, size_t> byName;
    for (size_t i = 0; i < alerts.size(); ++i)
        byName.insert(alerts[i].labels.value(u"alertname"_s), i);

    std::vector<Suppression> suppressions(alerts.size(), Suppression::None);
    for (const Alert &alert : managed) {
        if (alert.state != Alert::State::Suppressed)
            continue;
        const prom::Alert *best = nullptr;
        const auto [first, last] = byName.equal_range(alert.labels.value(u"alertname"_s));
        for (auto candidate = first; candidate != last; ++candidate) {
            const prom::Alert &one = alerts[candidate.value()];
            if (holdsAll(alert.labels, one.labels)
                && (!best || one.labels.size() > best->labels.size()))
                best = &one;
        }
        if (best) {
            suppressions[static_cast<size_t>(best - alerts.data())] =
                alert.silencedBy.isEmpty() ? Suppression::Inhibited : Suppression::Silenced;
        }
    }
    return suppressions;
}

} // namespace trendscope::alert
