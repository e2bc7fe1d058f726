#include "core/exporter/celery/celery_series_p.h"

namespace trendscope::exporter {

using observability::Family;
using Type = CeleryEvent::Type;

void CelerySeries::count(const Labels &labels, const CeleryEvent &event)
{
    // What senders tell has many hosts: they get no series but this one.
    if (event.type != Type::TaskSent)
        begin(labels);
    if (event.type == Type::TaskFailed)
        countFailure(labels, event.exception);
    else if (Family *const family = familyOf(event.type))
        family->increment({*labels.name, *labels.host, *labels.queue}, 1);
    if (event.type == Type::TaskSucceeded && event.runtime)
        m_metrics.runtime.observe({*labels.name, *labels.host, *labels.queue}, *event.runtime);
}

Family *CelerySeries::familyOf(Type type) const
{
    switch (type) {
    case Type::TaskSent:
        return &m_metrics.sent;
    case Type::TaskReceived:
        return &m_metrics.received;
    case Type::TaskStarted:
        return &m_metrics.started;
    case Type::TaskSucceeded:
        return &m_metrics.succeeded;
    case Type::TaskRejected:
        return &m_metrics.rejected;
    case Type::TaskRevoked:
        return &m_metrics.revoked;
    case Type::TaskRetried:
        return &m_metrics.retried;
    default:
        return nullptr;
    }
}

void CelerySeries::begin(const Labels &labels)
{
    if (m_known.size() >= maxCombinations || !m_known.try_emplace(labels).second)
        return;
    for (Family *const family :
         {&m_metrics.sent, &m_metrics.received, &m_metrics.started, &m_metrics.succeeded,
          &m_metrics.rejected, &m_metrics.revoked, &m_metrics.retried})
        family->increment({*labels.name, *labels.host, *labels.queue}, 0);
    m_metrics.failed.increment({*labels.name, *labels.host, "", *labels.queue}, 0);
}

void CelerySeries::countFailure(const Labels &labels, std::string_view exception)
{
    std::string_view name = exceptionClass(exception);
    if (const auto known = m_known.find(labels); known != m_known.end()) {
        Exceptions &exceptions = known->second;
        if (exceptions.size() >= maxExceptions && !exceptions.contains(name))
            name = "other";
        exceptions.emplace(name);
    }
    m_metrics.failed.increment({*labels.name, *labels.host, name, *labels.queue}, 1);
}

void CelerySeries::purge(const std::string *host)
{
    using Values = Family::LabelValues;
    std::erase_if(m_known, [&](const auto &known) {
        const auto &[labels, exceptions] = known;
        if (labels.host != host)
            return false;
        for (Family *const family :
             {&m_metrics.sent, &m_metrics.received, &m_metrics.started, &m_metrics.succeeded,
              &m_metrics.rejected, &m_metrics.revoked, &m_metrics.retried, &m_metrics.runtime})
            family->remove(Values{*labels.name, *labels.host, *labels.queue});
        m_metrics.failed.remove(Values{*labels.name, *labels.host, "", *labels.queue});
        for (const std::string &exception : exceptions)
            m_metrics.failed.remove(Values{*labels.name, *labels.host, exception, *labels.queue});
        return true;
    });
}

} // namespace trendscope::exporter
