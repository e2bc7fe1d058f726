#pragma once

#include "core/config/postgres_settings.h"
#include "core/exporter/collector.h"
#include "core/observability/registry.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// The connections of one pgbouncer: `db_connection_pool_size` and `_available` of the catalogue,
/// and `pgbouncer_*` under pgbouncer_exporter's names.
class PgbouncerCollector final : public Collector {
public:
    /// `registry` must outlive it.
    PgbouncerCollector(config::PgbouncerSettings settings, observability::Registry &registry);
    ~PgbouncerCollector() override;

    std::string_view name() const override { return "pgbouncer"; }
    std::span<const std::string_view> metricPrefixes() const override;
    bool brings(std::string_view metric) const override;
    Result<void> collect(Clock::time_point deadline) override;

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

/// A row of SHOW DATABASES.
struct BouncerDatabase {
    std::string name;
    double poolSize = 0;       ///< server connections that each user's pool may have
    double maxConnections = 0; ///< of all its pools together; 0: as many as they like
};

/// A row of SHOW POOLS: the pool of one user in one database.
struct BouncerPool {
    std::string database;
    double busy = 0; ///< server connections that a client has, or that are not ready for one
};

struct PoolRoom {
    double size = 0;
    double available = 0;
};

/// Server connections that clients may have, and how many of them are free. A database whose pools
/// nobody used yet counts as one pool; pgbouncer's own console and databases that are not among
/// `counted` (empty: all) don't. A pool that uses its reserve has none available.
PoolRoom poolRoom(const std::vector<BouncerDatabase> &databases,
                  const std::vector<BouncerPool> &pools, const std::vector<std::string> &counted);

} // namespace trendscope::exporter
