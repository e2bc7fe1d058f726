#pragma once

#include "support/server_process.h"

#include <QMap>

namespace trendscope::test {

/// A real Prometheus with an empty or a given store.
class PrometheusProcess final : public ServerProcess {
public:
    struct Options {
        QByteArray config =
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"; ///< prometheus.yml
        QMap<QString, QByteArray>
            files;     ///< beside the config, by relative name: rules that it includes
        QString store; ///< an existing data directory, e.g. a backfilled one; empty: a new one
        QStringList arguments; ///< further ones
    };

    PrometheusProcess();
    explicit PrometheusProcess(const Options &options);
};

} // namespace trendscope::test
