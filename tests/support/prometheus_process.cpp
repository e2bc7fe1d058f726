#include "support/prometheus_process.h"

namespace trendscope::test {
namespace {

QStringList argumentsFor(const PrometheusProcess::Options &options)
{
    const QString store = options.store.isEmpty() ? QStringLiteral("%1/data") : options.store;
    return QStringList{QStringLiteral("--config.file=%1/prometheus.yml"),
                       QStringLiteral("--storage.tsdb.path=") + store,
                       QStringLiteral("--web.listen-address=127.0.0.1:0")}
    + options.arguments;
}

} // namespace

PrometheusProcess::PrometheusProcess()
    : PrometheusProcess(Options{})
{
}

PrometheusProcess::PrometheusProcess(const Options &options)
    : ServerProcess(QStringLiteral("prometheus"), argumentsFor(options))
{
    writeFile(QStringLiteral("prometheus.yml"), options.config);
    for (auto file = options.files.begin(); file != options.files.end(); ++file)
        writeFile(file.key(), file.value());
}

} // namespace trendscope::test
