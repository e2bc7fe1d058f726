#pragma once

#include "support/server_process.h"

namespace trendscope::test {

/// Debian's node_exporter.
class NodeExporterProcess final : public ServerProcess {
public:
    explicit NodeExporterProcess(const QStringList &options)
        : ServerProcess(QStringLiteral("prometheus-node-exporter"),
                        QStringList{QStringLiteral("--web.listen-address=127.0.0.1:0")} + options)
    {
    }
};

} // namespace trendscope::test
