#include "support/alertmanager_process.h"

namespace trendscope::test {

AlertmanagerProcess::AlertmanagerProcess(const QByteArray &config)
    : ServerProcess(QStringLiteral("prometheus-alertmanager"),
                    {QStringLiteral("--config.file=%1/alertmanager.yml"),
                     QStringLiteral("--storage.path=%1/data"),
                     QStringLiteral("--cluster.listen-address="),
                     QStringLiteral("--web.listen-address=127.0.0.1:0")})
{
    writeFile(QStringLiteral("alertmanager.yml"), config);
}

} // namespace trendscope::test
