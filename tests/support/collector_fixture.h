#pragma once

#include "core/exporter/collector.h"
#include "core/observability/logging.h"
#include "core/observability/registry.h"

#include <QByteArray>
#include <QFile>
#include <QList>
#include <QTemporaryDir>

#include <memory>
#include <optional>

namespace trendscope::test {

/// A collector with a registry and a log of its own.
class CollectorFixture {
public:
    CollectorFixture()
        : m_logging({.file = m_directory.filePath(QStringLiteral("log")).toStdString()})
    {
    }

    observability::Registry &registry() { return m_registry; }
    observability::Logger logger() const { return m_logging.logger("test"); }

    /// Makes it, in place of the one before: `make<PostgresCollector>(settings)`.
    template <class Collector, class... Arguments>
    void make(Arguments &&...arguments)
    {
        m_collector.reset(); // what it holds is free only then
        m_collector = std::make_unique<Collector>(std::forward<Arguments>(arguments)...);
    }

    /// What the collector answers when it is asked to be done in that time.
    Result<void> collect(std::chrono::milliseconds time = std::chrono::seconds(5))
    {
        return m_collector->collect(exporter::Collector::Clock::now() + time);
    }
    /// Whether that is done without an error.
    bool isCollected() { return collect().has_value(); }

    QByteArray metrics() const { return QByteArray::fromStdString(m_registry.expose()); }
    /// The value of `series`, e.g. `pg_up` or `active_trends{state="viral"}`.
    std::optional<double> value(const QByteArray &series) const
    {
        for (const QByteArray &line : metrics().split('\n'))
            if (line.startsWith(series + ' '))
                return line.mid(series.size() + 1).toDouble();
        return {};
    }
    /// The same after collecting.
    std::optional<double> fresh(const QByteArray &series)
    {
        (void)collect();
        return value(series);
    }

    QByteArray log()
    {
        m_logging.flush();
        QFile file(m_directory.filePath(QStringLiteral("log")));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private:
    QTemporaryDir m_directory;
    observability::Logging m_logging;
    observability::Registry m_registry;
    std::unique_ptr<exporter::Collector> m_collector;
};

} // namespace trendscope::test
